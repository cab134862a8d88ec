"""What people did to dead letters: one row for each act and dead letter, written with what the act changes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from worker.admin.views import Act

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import asyncpg

_RECORD = """
insert into acts (who, act, reason, dead_letter_id, system, source, submission_id, details)
select $1, $2, $3, d.id, d.system, d.source, d.submission_id, $5::json
from unnest($4::text[]) with ordinality as t (id, n)
join dead_letters d using (id)
order by t.n
"""

_OF = "select at, who, act, reason, dead_letter_id, details from acts where dead_letter_id = $1 order by id"


async def record(
    connection: asyncpg.Connection,
    ids: Sequence[str],
    *,
    who: str,
    act: str,
    reason: str | None,
    details: Mapping[str, object] | None = None,
) -> None:
    """Write down that somebody did this to these dead letters."""
    await connection.execute(_RECORD, who, act, reason, list(ids), json.dumps(details or {}))


async def acts_of(connection: asyncpg.Connection, dead_letter_id: str) -> list[Act]:
    """Return what was done to a dead letter, in order."""
    rows = await connection.fetch(_OF, dead_letter_id)
    return [Act(**{**row, "details": json.loads(row["details"])}) for row in rows]
