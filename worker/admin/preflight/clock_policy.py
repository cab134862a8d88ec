"""How far other clocks are from this machine's. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from worker.admin.preflight.findings import Finding, fail, ok, skipped, warn
from worker.transport.retry_after import http_date

if TYPE_CHECKING:
    from collections.abc import Mapping

TOLERATED = timedelta(seconds=5)
TOO_FAR = timedelta(seconds=60)
"""Signed messages and tokens carry times: systems refuse those that are too old or not yet valid."""
RESOLUTION = timedelta(seconds=1)
"""A Date header has whole seconds."""
_STEP = "Synchronise the clock of this machine (chrony, systemd-timesyncd), then that of the other side."


def skew(
    other: datetime, before: datetime, after: datetime, resolution: timedelta = timedelta()
) -> timedelta:
    """Return by how much the other clock is ahead at least; negative where it is behind, zero where it may agree.

    It was read between two readings of this machine's clock, and cut down to its resolution.
    """
    if other > after:
        return other - after
    if other + resolution < before:
        return other + resolution - before
    return timedelta()


def judged(difference: timedelta, what: str, subject: str | None = None) -> Finding:
    """Judge a difference."""
    seconds = abs(difference.total_seconds())
    if not difference:
        return ok(f"{what} agrees with this machine's", subject)
    told = f"{what} is {seconds:.1f} s {'ahead of' if difference > timedelta() else 'behind'} this machine's"
    if abs(difference) > TOO_FAR:
        return fail(told, _STEP, subject)
    return warn(told, _STEP, subject) if abs(difference) > TOLERATED else ok(told, subject)


def of_answer(date: str | None, before: datetime, after: datetime, subject: str) -> Finding:
    """Judge the Date header of an answer."""
    stated = None if date is None else http_date(date)
    if stated is None:
        return skipped("its answer states no date", subject=subject)
    return judged(skew(stated, before, after, RESOLUTION), "its clock (Date header)", subject)


def of_records(ahead: Mapping[str, datetime], topics: int, now: datetime) -> list[Finding]:
    """Judge by records that bear a time after now; ``ahead`` has the latest by topic."""
    step = f"{_STEP} With message.timestamp.type CreateTime it may be a sender's clock."
    told = [
        warn(f"a record bears a time {(time - now).total_seconds():.0f} s after this machine's", step, topic)
        for topic, time in ahead.items()
    ]
    well = f"no record of {topics} topics bears a time after now (Kafka does not tell its clock)"
    return told or [ok(well)]
