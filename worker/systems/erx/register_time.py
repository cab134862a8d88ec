"""The register's own time: the date that an answer states."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from worker.transport.port import Answer


def register_time(answer: Answer, now: datetime) -> datetime:
    """Return when the register answered, in UTC; ``now`` where it does not say."""
    try:
        date = parsedate_to_datetime(answer.headers.get("date", ""))
        return date.astimezone(UTC) if date.tzinfo is not None else date.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return now
