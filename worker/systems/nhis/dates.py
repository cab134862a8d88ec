"""Days and points in time, as NHIS's schemas may declare them and as its answers may show them. Pure."""

from __future__ import annotations

from dataclasses import field
from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from contracts.immutable import immutable
from worker.xml.builder import Timed
from worker.xml.plan import TimeKind

if TYPE_CHECKING:
    from datetime import tzinfo

    from worker.systems.nhis.settings import NhisSettings

_DATE = 10
"""Characters of a date, which may have a time zone behind it."""


@immutable
class Days:
    """How days are written where the schema declares a date and time: at which time of day, in which zone."""

    zone: ZoneInfo
    time_of_days: time

    @classmethod
    def of(cls, settings: NhisSettings) -> Days:
        """Return how these settings have it."""
        return cls(ZoneInfo(settings.time_zone), time.fromisoformat(settings.time_of_days))

    def written(self, day: date, time_of_day: time | None = None) -> Day:
        """Return a day; ``time_of_day`` is its own, where it is the first or the last day of a period."""
        return Day(day, self.time_of_days if time_of_day is None else time_of_day, self.zone)


@immutable
class Day(Timed):
    """A day, and the time of day that it gets where the schema declares a date and time: only then it is computed."""

    day: date = field(repr=False)
    time_of_day: time
    zone: ZoneInfo

    def text(self, kind: TimeKind | None) -> str:
        """Return the date, except where the schema declares a date and time."""
        if kind is not TimeKind.DATE_TIME:
            return self.day.isoformat()
        moment = datetime.combine(self.day, self.time_of_day, self.zone)
        return _to_the_minute(moment).isoformat(timespec="seconds")


@immutable
class Moment(Timed):
    """A point in time in a zone."""

    local: datetime = field(repr=False)

    def text(self, kind: TimeKind | None) -> str:
        """Return it with its offset, to the millisecond, except where the schema declares a date."""
        if kind is TimeKind.DATE:
            return self.local.date().isoformat()
        return self.local.isoformat(timespec="milliseconds")


def written_moment(moment: datetime, zone: tzinfo) -> Moment:
    """Return a point in time as it is written in this zone."""
    return Moment(moment.astimezone(zone))


def shown_day(text: str, zone: tzinfo) -> str:
    """Return the day that a date, or a date and time, is in this zone: a midnight in UTC is of the day before."""
    try:
        moment = datetime.fromisoformat(text)
        return (moment.astimezone(zone) if moment.tzinfo else moment).date().isoformat()
    except (ValueError, OverflowError):
        return text[:_DATE]


def _to_the_minute(moment: datetime) -> datetime:
    """Return the same time of day with an offset in whole minutes: xs:dateTime knows no others, local mean times do."""
    minutes = round((moment.utcoffset() or timedelta()) / timedelta(minutes=1))
    return moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
