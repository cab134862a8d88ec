"""What the system said last of submissions that are taken over: "I have this already", not confirmed yet."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from worker.journal.encoding import transposed
from worker.pipeline.ports import Stated

if TYPE_CHECKING:
    from collections.abc import Sequence

    import asyncpg

    from worker.journal.commands import Key

# Only the last attempt that reached the system counts: after a person stated that the system has no such submission,
# it may have been sent anew.
_STATED = """
select t.source, t.id, a.message_id, a.url, a.request_headers, a.request, a.status, a.answer_headers, a.answer
from unnest($1::text[], $2::text[]) as t (source, id)
cross join lateral (
    select * from attempts a
    where a.source = t.source and a.id = t.id and a.purpose = 'submit' and a.outcome is distinct from 'unsent'
    order by a.number desc, a.sent_at desc limit 1) as a
where a.outcome = 'alreadyexists' and a.answer is not null and a.request is not null and a.status is not null
"""


async def stated_of(connection: asyncpg.Connection, keys: Sequence[Key]) -> dict[Key, Stated]:
    """Return those of the submissions of which the system said that it has them already, with its answer."""
    if not keys:
        return {}
    rows = await connection.fetch(_STATED, *transposed(list(keys)))
    return {(row["source"], row["id"]): _stated(row) for row in rows}


def _stated(row: asyncpg.Record) -> Stated:
    return Stated(
        message_id=row["message_id"],
        url=row["url"],
        headers=json.loads(row["request_headers"] or "{}"),
        request=row["request"],
        status=row["status"],
        answer_headers=json.loads(row["answer_headers"] or "{}"),
        answer=row["answer"],
    )
