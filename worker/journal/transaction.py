"""One group of commands as one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from worker.journal.claim_sql import claim_all
from worker.journal.commands import (
    Claim,
    Command,
    FindParked,
    FinishSubmission,
    MarkAnswered,
    MarkPublished,
    Park,
    Receive,
    Release,
    Result,
    Send,
)
from worker.journal.dead_letter_sql import answer_all, find_parked, park_all, publish_all
from worker.journal.due_answers_sql import take_all
from worker.journal.progress_sql import finish_all, receive_all, release_all, send_all
from worker.journal.waiting_commands import (
    Acknowledge,
    FindWaiting,
    Hasten,
    Postpone,
    SendAsk,
    TakeDue,
    Wait,
    Waited,
)
from worker.journal.waiting_sql import (
    acknowledge_all,
    ask_all,
    end_all,
    find_waiting,
    hasten_all,
    postpone_all,
    wait_all,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    import asyncpg


async def write(connection: asyncpg.Connection, me: str, commands: Sequence[Command]) -> list[Result]:
    """Write all commands, of distinct keys, or none; results in their order.

    Always an explicit transaction: a statement that commits by itself could still be carried out long after its
    connection was lost here and the group was repeated on another; a transaction without its commit cannot.
    """
    by_kind: dict[type, list[int]] = {}
    for index, command in enumerate(commands):
        by_kind.setdefault(type(command), []).append(index)
    results: list[Result] = [None] * len(commands)
    async with connection.transaction():
        for kind, indexes in by_kind.items():
            chosen = [commands[index] for index in indexes]
            for index, result in zip(indexes, await _write_kind(connection, me, kind, chosen), strict=True):
                results[index] = result
    return results


async def _write_kind(
    connection: asyncpg.Connection, me: str, kind: type, commands: Sequence[Any]
) -> list[Result]:
    if held := _HELD.get(kind):
        return await held(connection, me, commands)
    return await _FREE[kind](connection, commands)


_HELD: dict[type, Callable[[asyncpg.Connection, str, Sequence[Any]], Awaitable[list[Result]]]] = {
    Claim: claim_all,
    Send: send_all,
    Receive: receive_all,
    FinishSubmission: finish_all,
    Release: release_all,
    Wait: wait_all,
    SendAsk: ask_all,
    Postpone: postpone_all,
    Acknowledge: acknowledge_all,
    Waited: end_all,
    TakeDue: take_all,
}
_FREE: dict[type, Callable[[asyncpg.Connection, Sequence[Any]], Awaitable[list[Result]]]] = {
    MarkAnswered: answer_all,
    FindParked: find_parked,
    Park: park_all,
    MarkPublished: publish_all,
    FindWaiting: find_waiting,
    Hasten: hasten_all,
}
