"""Reading the bytes of attempts, wherever they are: in the day's partition, among what was kept, or in `attempts`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from worker.journal.encoding import transposed

if TYPE_CHECKING:
    from collections.abc import Sequence

    import asyncpg

_Message = tuple[str, str, str]

# The times stand there twice: a condition on constants lets the planner leave all other days out, locks included.
_BYTES = """
select e.source, e.id, e.message_id, e.kind, e.url, e.headers, e.body
from unnest($1::text[], $2::text[], $3::timestamptz[]) as t (source, id, at)
join evidence e on e.at = t.at and e.source = t.source and e.id = t.id
where e.at = any($3::timestamptz[])
union all
select k.source, k.id, k.message_id, k.kind, k.url, k.headers, k.body
from unnest($4::text[], $5::text[]) as t (source, id) join evidence_kept k on k.source = t.source and k.id = t.id
"""


async def with_bytes(
    connection: asyncpg.Connection, attempts: Sequence[asyncpg.Record]
) -> list[dict[str, Any]]:
    """Return rows of `attempts` with their bytes as the version before kept them.

    They are in url, request_headers, request, answer_headers and answer, None where there is none or it was removed.
    The rows need source, id, message_id, sent_at and these five columns.
    """
    if not attempts:
        return []
    places = transposed(list({(row["source"], row["id"], row["sent_at"]) for row in attempts}))
    keys = transposed(list({(row["source"], row["id"]) for row in attempts}))
    merged: dict[_Message, dict[str, Any]] = {_message(row): dict(row) for row in attempts}
    for found in await connection.fetch(_BYTES, *places, *keys):
        if (row := merged.get(_message(found))) is not None:
            row |= _columns(found)
    return list(merged.values())


def _message(row: asyncpg.Record) -> _Message:
    return row["source"], row["id"], row["message_id"]


def _columns(found: asyncpg.Record) -> dict[str, Any]:
    kind = found["kind"]
    columns = {kind: found["body"], f"{kind}_headers": found["headers"]}
    return columns | {"url": found["url"]} if kind == "request" else columns
