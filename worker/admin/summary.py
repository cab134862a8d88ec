"""How many dead letters there are of each kind: totals by state, reason, signer and source."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.admin.connection import connected
from worker.admin.queries import DEAD_LETTER_FILTER, dead_letter_filter
from worker.journal.sealed_values import vault_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import asyncpg

    from worker.admin.views import DeadLetterFilter
    from worker.journal.settings import JournalSettings

DIMENSIONS = ("state", "system", "reason", "signer", "source")

_COUNT = f"""
select d.state, d.system, d.reason, d.signer, d.source, count(*) as count,
       min(d.created_at) as oldest, max(d.created_at) as newest
from dead_letters d {DEAD_LETTER_FILTER}
group by d.state, d.system, d.reason, d.signer, d.source
"""  # noqa: S608 - put together from constants


@immutable
class Total:
    """How many have this value, None for those that have none, and when they died."""

    value: str | None
    count: int
    oldest: datetime
    newest: datetime


@immutable
class Summary:
    """All dead letters that fit, and totals by each of `DIMENSIONS`, the largest first."""

    total: int
    by: Mapping[str, tuple[Total, ...]]


async def summarize_dead_letters(journal: JournalSettings, wanted: DeadLetterFilter) -> Summary:
    """Count the dead letters that fit. Raises ActFailed."""
    async with connected(journal, "dead letters") as connection:
        rows = await connection.fetch(_COUNT, *dead_letter_filter(wanted, vault_of(connection)))
    return Summary(sum(row["count"] for row in rows), {name: _totals(rows, name) for name in DIMENSIONS})


def _totals(rows: Sequence[asyncpg.Record], name: str) -> tuple[Total, ...]:
    counts: Counter[str | None] = Counter()
    oldest: dict[str | None, datetime] = {}
    newest: dict[str | None, datetime] = {}
    for row in rows:
        value = row[name]
        counts[value] += row["count"]
        oldest[value] = min(row["oldest"], oldest.get(value, row["oldest"]))
        newest[value] = max(row["newest"], newest.get(value, row["newest"]))
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0] or ""))
    return tuple(Total(value, count, oldest[value], newest[value]) for value, count in ordered)
