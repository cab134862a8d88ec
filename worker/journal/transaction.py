"""One group of operations as one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from worker.journal.claiming import claim_all
from worker.journal.dead import answer_all, park_all
from worker.journal.operations import (
    Answer,
    Claim,
    Finish,
    Operation,
    Park,
    Receive,
    Release,
    Result,
    Send,
)
from worker.journal.progress import finish_all, receive_all, release_all, send_all

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    import asyncpg


async def write(connection: asyncpg.Connection, me: str, operations: Sequence[Operation]) -> list[Result]:
    """Write all operations, of distinct keys, or none; results in their order.

    Always an explicit transaction: a statement that commits by itself could still be carried out long after
    its connection was lost here and the group was repeated on another; a forgotten transaction cannot.
    """
    by_kind: dict[type, list[int]] = {}
    for index, operation in enumerate(operations):
        by_kind.setdefault(type(operation), []).append(index)
    results: list[Result] = [None] * len(operations)
    async with connection.transaction():
        for kind, indexes in by_kind.items():
            chosen = [operations[index] for index in indexes]
            for index, result in zip(indexes, await _write_kind(connection, me, kind, chosen), strict=True):
                results[index] = result
    return results


async def _write_kind(
    connection: asyncpg.Connection, me: str, kind: type, operations: Sequence[Any]
) -> list[Result]:
    if held := _HELD.get(kind):
        return await held(connection, me, operations)
    return await _FREE[kind](connection, operations)


_HELD: dict[type, Callable[[asyncpg.Connection, str, Sequence[Any]], Awaitable[list[Result]]]] = {
    Claim: claim_all,
    Send: send_all,
    Receive: receive_all,
    Finish: finish_all,
    Release: release_all,
}
_FREE: dict[type, Callable[[asyncpg.Connection, Sequence[Any]], Awaitable[list[Result]]]] = {
    Answer: answer_all,
    Park: park_all,
}
