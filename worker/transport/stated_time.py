"""When a system answered, by its own clock: the Date header (RFC 9110, section 6.6.1)."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from worker.transport.retry_after import http_date

if TYPE_CHECKING:
    from datetime import datetime

    from worker.transport.port import Answer

_YEARS = range(1970, 9990)
"""What a clock may show. Beyond them, dates cannot be computed with."""


def stated_time(answer: Answer) -> datetime | None:
    """Return it in UTC; None where the answer does not say."""
    date = http_date(answer.headers.get("date", ""))
    return date.astimezone(UTC) if date is not None and date.year in _YEARS else None
