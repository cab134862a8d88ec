"""The journal's part for submissions whose answer comes later, on PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from worker.journal.sealed_values import sealed_received
from worker.journal.waiting_commands import (
    Acknowledge,
    FindWaiting,
    Hasten,
    Postpone,
    TakeDue,
    Wait,
    Waited,
)
from worker.journal.waiting_values import sealed_call, sealed_waiting_record

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from worker.journal.vault import Vault
    from worker.journal.writer import GroupWriter
    from worker.pipeline.ports import Begin, DueAnswer, PutOff, Received, Ticket, Waiting


class PostgresWaiting:
    """Implements `pipeline.ports.WaitingJournal` for the journal, which has the keys and the writer."""

    _vault: Vault
    _writer: GroupWriter

    async def wait(
        self, ticket: Ticket, begin: Begin, received: Received | None, *, in_doubt: bool
    ) -> Waiting:
        """Let a submission wait, and give its claim back. Raises Fenced."""
        name = ticket.source, ticket.id
        call = sealed_call(self._vault, *name, begin.taken)
        record = sealed_waiting_record(self._vault, *name, begin.record)
        answer = sealed_received(self._vault, *name, received)
        found = await self._writer.submit(Wait(ticket, begin, call, record, answer, in_doubt))
        return cast("Waiting", found)

    async def is_waiting(self, source: str, submission_id: str) -> bool:
        """Whether a submission waits, or has its answer and Kafka not yet its reply."""
        return cast("bool", await self._writer.submit(FindWaiting(source, submission_id)))

    async def take_due(
        self, system: str, limit: int, held: Collection[tuple[str, str]]
    ) -> Sequence[DueAnswer]:
        """Take submissions that are due, the longest due first."""
        found = await self._writer.submit(TakeDue(system, limit, tuple(held)))
        return cast("tuple[DueAnswer, ...]", found)

    async def put_off(self, ticket: Ticket, put_off: PutOff, received: Received | None) -> None:
        """Let it be taken again later, and give it back. Raises Fenced."""
        name = ticket.source, ticket.id
        call = None if put_off.taken is None else sealed_call(self._vault, *name, put_off.taken)
        answer = sealed_received(self._vault, *name, received)
        await self._writer.submit(Postpone(ticket, answer, put_off, call))

    async def acknowledge(self, ticket: Ticket, give_up_after: float) -> None:
        """Turn to the acknowledgement, which is due now. Raises Fenced."""
        await self._writer.submit(Acknowledge(ticket, give_up_after))

    async def waited(self, ticket: Ticket, received: Received | None) -> None:
        """Forget what asking needed. Raises Fenced."""
        answer = sealed_received(self._vault, ticket.source, ticket.id, received)
        await self._writer.submit(Waited(ticket, answer))

    async def hasten(self, system: str, ready: str) -> bool:
        """Make due now what waits for this; whether anything does."""
        return cast("bool", await self._writer.submit(Hasten(system, ready)))
