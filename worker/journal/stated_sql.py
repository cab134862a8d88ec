"""What the system said last of submissions that are taken over, where a look-up must still settle it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from worker.journal.encoding import transposed
from worker.journal.evidence_sql import with_bytes
from worker.journal.sealed_values import opened_message, vault_of
from worker.pipeline.ports import Stated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    import asyncpg

    from worker.journal.held_command import Key
    from worker.journal.vault import Vault

# Only the last attempt that reached the system counts: after a person stated that the system has no such submission,
# it may have been sent again.
_STATED = """
select t.source, t.id, a.message_id, a.step, a.sent_at, a.url, a.request_headers, a.request, a.status,
       a.answer_headers, a.answer
from unnest($1::text[], $2::text[]) as t (source, id)
cross join lateral (
    select * from attempts a
    where a.source = t.source and a.id = t.id and a.purpose = 'submit' and a.outcome is distinct from 'unsent'
    order by a.number desc, a.sent_at desc limit 1) as a
where a.outcome = any($3::text[]) and a.status is not null
"""


# A plan for any times would lock all days; see `evidence_sql`.
_OWN_PLAN = "set local plan_cache_mode = force_custom_plan"

ALREADY_EXISTS: tuple[str, ...] = ("alreadyexists",)
"""The system said that it has the submission: that holds for a replay too."""
TO_BE_SETTLED: tuple[str, ...] = (*ALREADY_EXISTS, "rejected")
"""The same, or it refused what an earlier attempt may have brought: a replay sends that again, as what made the system
refuse may be gone."""


async def stated_of(
    connection: asyncpg.Connection, keys: Sequence[Key], outcomes: Sequence[str]
) -> dict[Key, Stated]:
    """Return the last answers of those of the submissions whose last attempt had one of these outcomes."""
    if not keys:
        return {}
    await connection.execute(_OWN_PLAN)
    rows = await with_bytes(
        connection, await connection.fetch(_STATED, *transposed(list(keys)), list(outcomes))
    )
    vault = vault_of(connection)
    complete = (row for row in rows if row["request"] is not None and row["answer"] is not None)
    return {(row["source"], row["id"]): _stated(vault, row) for row in complete}


def _stated(vault: Vault, row: Mapping[str, Any]) -> Stated:
    opened = opened_message(vault, row["source"], row["id"], row)
    return Stated(
        message_id=row["message_id"],
        url=opened["url"],
        headers=json.loads(opened["request_headers"] or "{}"),
        request=opened["request"],
        status=row["status"],
        answer_headers=json.loads(opened["answer_headers"] or "{}"),
        answer=opened["answer"],
        step=row["step"],
    )
