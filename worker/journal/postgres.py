"""The journal, as the pipeline knows it, on PostgreSQL."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, cast

from worker.journal import encryption_keys, migrate
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
from worker.journal.connection import ReconnectingConnection, read_vault
from worker.journal.keeping_notifications import row_of
from worker.journal.lease import RENEWALS_PER_LEASE, Lease
from worker.journal.postgres_waiting import PostgresWaiting
from worker.journal.sealed_values import (
    sealed_final,
    sealed_letter,
    sealed_progress,
    sealed_received,
    sealed_sending,
)
from worker.journal.transaction import write
from worker.journal.waiting_commands import SendAsk
from worker.journal.writer import GroupWriter
from worker.observability.tasks import EndlessTasks
from worker.pipeline.ports import (
    ASKING,
    ClaimRequest,
    ClaimResult,
    Clock,
    DeadLetter,
    Fenced,
    Final,
    Place,
    Received,
    Schedule,
    Sending,
    Ticket,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from worker.journal.settings import JournalSettings

_log = logging.getLogger(__name__)


class PostgresJournal(PostgresWaiting):
    """Implements `pipeline.ports.Journal`. Make one with `open`; `close` it at the end.

    Besides what the port says, a method raises JournalFault where the database refuses the command for good, and
    JournalUnavailable where the journal was closed meanwhile.
    """

    def __init__(
        self,
        settings: JournalSettings,
        owner: str,
        clock: Clock,
        *,
        committed: Callable[[float], None] = lambda _: None,
    ) -> None:
        """Connect nothing yet. ``committed`` is called with the seconds of each transaction, outages included."""
        self.owner = owner
        self._clock = clock
        self._committed = committed
        self._vault = read_vault(settings)
        self._connections = _writer_connection(settings, clock), _lease_connection(settings, clock)
        self._lease = Lease(self._connections[1], owner, settings.lease_seconds, clock)
        self._writer = GroupWriter(self._write, max_wait=settings.group_wait_seconds)
        self._tasks = EndlessTasks()

    @classmethod
    async def open(cls, settings: JournalSettings, owner: str, clock: Clock) -> PostgresJournal:
        """Wait for the server, check its tables and take a lease. ``owner``: unique to this process start.

        Raises SchemaOutdated, EncryptionNotReady, and JournalFault for an address that is none. Everything else is
        waited out.
        """
        journal = cls(settings, owner, clock)
        await journal.start()
        return journal

    async def start(self) -> None:
        """Do what `open` says; `why` tells meanwhile what it waits for."""
        try:
            await self._start()
        except BaseException:
            await self.close(0)
            raise

    @property
    def available(self) -> bool:
        """Whether the database answered when it was last asked."""
        return all(connection.available for connection in self._connections)

    @property
    def why(self) -> str:
        """Why it is not available; empty where it is."""
        return next((connection.why for connection in self._connections if not connection.available), "")

    @property
    def connections(self) -> dict[str, bool]:
        """The connections by name, and whether the database answered each when it was last asked."""
        return {connection.name: connection.available for connection in self._connections}

    def dead(self) -> str | None:
        """Say which of its tasks has ended, or None. An unavailable database is nothing wrong."""
        return self._tasks.dead()

    @property
    def waiting(self) -> int:
        """How many commands wait for the next transaction."""
        return self._writer.waiting

    @property
    def lease_alive(self) -> bool:
        """Whether this worker may start sending, by its own clock."""
        return self._lease.alive

    async def close(self, seconds: float = 5.0) -> None:
        """Write what waits, for at most ``seconds``, end the lease and disconnect."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._writer.flush()
        if await self._tasks.end():
            await self._lease.end()
        for connection in self._connections:
            await connection.close()

    async def claim(self, request: ClaimRequest) -> ClaimResult:
        """Insert the submission, resume it, or return its stored reply."""
        digest = self._vault.digest(request.key_digest)
        if digest is not request.key_digest:
            request = replace(request, key_digest=digest)
        return cast("ClaimResult", await self._writer.submit(Claim(request)))

    async def sending(self, ticket: Ticket, sending: Sending, *, in_doubt: bool) -> Callable[[], bool]:
        """Make the attempt durable; the returned function says whether it may still be sent. Raises Fenced.

        Raises Fenced also where the lease ran out before the commit came back (the process was suspended): then
        the state `sending` stays in the journal, and the next owner assumes that the attempt was sent.
        """
        term = self._lease.term

        def may_leave() -> bool:
            return self._lease.alive and self._lease.term == term

        sealed = sealed_sending(self._vault, ticket.source, ticket.id, sending)
        asks = sending.purpose in ASKING
        await self._writer.submit(SendAsk(ticket, sealed) if asks else Send(ticket, sealed, in_doubt))
        if not may_leave():
            raise Fenced
        return may_leave

    async def received(
        self,
        ticket: Ticket,
        received: Received | None,
        *,
        in_doubt: bool,
        schedule: Schedule,
        progress: Mapping[str, str] | None = None,
    ) -> None:
        """Make the end of an attempt durable, and what its step left; back to `claimed`. Raises Fenced."""
        sealed = sealed_received(self._vault, ticket.source, ticket.id, received)
        left = None if progress is None else sealed_progress(self._vault, ticket.source, ticket.id, progress)
        await self._writer.submit(Receive(ticket, sealed, in_doubt, schedule, left))

    async def finish(self, ticket: Ticket, final: Final, received: Received | None) -> None:
        """Make the outcome durable. Raises Fenced."""
        # Encrypted once, and not with each attempt to write: a commit whose outcome is unknown is known by its bytes.
        sealed = sealed_final(self._vault, ticket.source, ticket.id, final)
        answer = sealed_received(self._vault, ticket.source, ticket.id, received)
        notices = tuple(row_of(self._vault, one) for one in final.notices)
        await self._writer.submit(FinishSubmission(ticket, sealed, answer, notices))

    async def answered(self, source: str, submission_id: str, revision: int, place: Place) -> None:
        """Note the acknowledged reply. Until it is noted, the reply is published once more after a crash."""
        await self._writer.submit(MarkAnswered(source, submission_id, revision, place))

    async def release(self, tickets: Sequence[Ticket]) -> None:
        """Release claims, so that no worker waits for this one's lease; one in `sending` stays in doubt."""
        await asyncio.gather(*(self._writer.submit(Release(ticket)) for ticket in tickets))

    async def is_parked(self, dead_letter: DeadLetter) -> bool:
        """Return whether the dead letter is kept already."""
        return cast("bool", await self._writer.submit(FindParked(dead_letter)))

    async def park(self, dead_letter: DeadLetter, at: datetime) -> bool:
        """Keep a dead letter, and return whether Kafka has acknowledged its event. Idempotent by id."""
        return cast("bool", await self._writer.submit(Park(sealed_letter(self._vault, dead_letter), at)))

    async def published(self, dead_letter: DeadLetter) -> None:
        """Note the acknowledged event of a parked dead letter."""
        await self._writer.submit(MarkPublished(dead_letter.id, dead_letter.topic_id))

    async def _start(self) -> None:
        await self._connections[0].persist(migrate.check)
        await self._connections[0].persist(partial(encryption_keys.prepare, vault=self._vault))
        await self._lease.begin()
        self._tasks.start("journal writer", self._writer.run())
        self._tasks.start("journal lease", self._lease.run())

    async def _write(self, commands: Sequence[Command]) -> list[Result]:
        began = self._clock.monotonic()
        results = await self._connections[0].persist(partial(write, me=self.owner, commands=commands))
        self._committed(self._clock.monotonic() - began)
        return results


def _writer_connection(settings: JournalSettings, clock: Clock) -> ReconnectingConnection:
    session = {
        # A group touches few rows, by key. A plan made while the table was small (a sequential scan) must not stay in
        # use when it is large: with dear rows and cheap pages, a small table is not read as a whole either.
        "enable_seqscan": "off",
        "enable_hashjoin": "off",
        "enable_mergejoin": "off",
        "cpu_tuple_cost": "1",
        "random_page_cost": "0.1",
        # One plan for groups of any size: small groups would be planned anew each time, which costs more than they do.
        "plan_cache_mode": "force_generic_plan",
        "jit": "off",
        # Of what a submission costs the server, a quarter was compressing its messages by PostgreSQL's own pglz.
        "default_toast_compression": "lz4",
        # A process that is suspended in mid-transaction must not keep others waiting for its locks for long.
        "idle_in_transaction_session_timeout": f"{round(settings.lease_seconds / 3 * 1000)}ms",
    }
    return ReconnectingConnection(
        settings, "writer", clock, statement_seconds=settings.statement_seconds, session=session
    )


def _lease_connection(settings: JournalSettings, clock: Clock) -> ReconnectingConnection:
    seconds = min(settings.statement_seconds, settings.lease_seconds / RENEWALS_PER_LEASE)
    return ReconnectingConnection(settings, "lease", clock, statement_seconds=seconds)
