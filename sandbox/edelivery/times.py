"""Times as eDelivery reads and writes them: the digits of its own wall clock, taken to be Europe/Sofia."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

SOFIA = ZoneInfo("Europe/Sofia")


def written(moment: datetime, *, offset: bool) -> str:
    """Return a time with milliseconds: without a zone as in the document, or with the offset that .NET would add."""
    local = moment.astimezone(SOFIA)
    if not offset:
        local = local.replace(tzinfo=None)
    return local.isoformat(timespec="milliseconds")


def read(text: str) -> datetime:
    """Read a date, or a date with its time; without a zone it is local. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=SOFIA)
    return moment.astimezone(UTC)
