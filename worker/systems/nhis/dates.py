"""Days and points in time, as NHIS's schemas may declare them and as its answers may show them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from worker.xml.builder import Timed

if TYPE_CHECKING:
    from datetime import tzinfo

    from worker.systems.nhis.settings import NhisSettings

_DATE = 10
"""Characters of a date, which may have a time zone behind it."""


@dataclass(frozen=True, slots=True)
class Days:
    """How days are written where the schema declares a date and time: at which time of day, in which zone."""

    zone: ZoneInfo
    time_of_days: time

    @classmethod
    def of(cls, settings: NhisSettings) -> Days:
        """Return how these settings have it."""
        return cls(ZoneInfo(settings.time_zone), time.fromisoformat(settings.time_of_days))

    def written(self, day: date, time_of_day: time | None = None) -> Timed:
        """Return a day; ``time_of_day`` is its own, where it is the first or the last day of a period."""
        moment = datetime.combine(day, self.time_of_days if time_of_day is None else time_of_day, self.zone)
        text = _to_the_minute(moment).isoformat(timespec="seconds")
        return Timed(day.isoformat(), text, otherwise=day.isoformat())


def written_moment(moment: datetime, zone: tzinfo) -> Timed:
    """Return a point in time in this zone, with its offset, to the millisecond."""
    local = moment.astimezone(zone)
    text = local.isoformat(timespec="milliseconds")
    return Timed(local.date().isoformat(), text, otherwise=text)


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
