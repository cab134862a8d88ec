"""The journal's state machine against a model: workers, zombies, leases that run out, in whatever order.

It is the real journal on a real PostgreSQL. Only time is the tests': leases are judged by the server's
`clock_timestamp()`, which a function of that name shadows here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from tests.support.postgres.journal import PLACE, event, final, received, request, sending
from worker.journal.postgres import PostgresJournal
from worker.journal.settings import JournalSettings
from worker.pipeline.ports import Busy, Claimed, Conflict, Fenced, Finished, Schedule, State, Ticket

LEASE = 15.0
OWNERS = ["one", "two", "three"]
CONTENTS = {"same": b"same", "other": b"other"}
SHADOW = """
create schema test_clock;
create table test_clock.time (seconds float8 not null);
insert into test_clock.time values (0);
create function test_clock.clock_timestamp() returns timestamptz language sql volatile as
    $$ select timestamptz '2026-03-01 12:00:00Z' + make_interval(secs => seconds) from test_clock.time $$;
"""
_runs = count(1)


class OwnClock:
    """A worker's clock: it moves with the server's, unless the worker is stopped (SIGSTOP)."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return datetime(2026, 3, 1, 12, tzinfo=UTC)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        """Never wake: the model renews leases itself."""
        await asyncio.Event().wait()


@dataclass
class Row:
    """What the journal must hold of one submission."""

    content: bytes
    owner: str | None
    epoch: int = 1
    state: State = State.CLAIMED
    in_doubt: bool = False
    attempts: int = 0
    reply: bytes | None = None
    answered: bool = False
    sent: set[str] = field(default_factory=set)


class Servers:
    """Three workers' journals, opened once: what one run leaves behind is in nobody's way in the next."""

    def __init__(self, dsn: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.clocks = {owner: OwnClock() for owner in OWNERS}
        self.admin = self.do(asyncpg.connect(dsn))
        made = JournalSettings(dsn=dsn, lease_seconds=LEASE)
        self.journals = {
            owner: self.do(PostgresJournal.open(made, owner, clock)) for owner, clock in self.clocks.items()
        }

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def close(self) -> None:
        for journal in self.journals.values():
            self.do(journal.close(1))
        self.do(self.admin.close())
        self.loop.close()


class JournalMachine(RuleBasedStateMachine):
    """Three workers and a few submissions."""

    servers: Servers

    def __init__(self) -> None:
        super().__init__()
        self.name = f"r{next(_runs)}"
        self.clocks, self.journals, self.admin = (
            self.servers.clocks,
            self.servers.journals,
            self.servers.admin,
        )
        self.stopped: set[str] = set()
        self.rows: dict[str, Row] = {}
        self.tickets: list[tuple[str, Ticket]] = []
        self.messages = count(1)
        self.time: float = self._do(self.admin.fetchval("select seconds from test_clock.time"))
        self.leases: dict[str, float] = {}
        for owner in OWNERS:
            self.renew(owner)

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.servers.do(work)

    def _alive(self, owner: str) -> bool:
        return self.leases[owner] > self.time

    @rule(seconds=st.sampled_from([1.0, 4.0, 20.0]))
    def time_passes(self, seconds: float) -> None:
        self.time += seconds
        self._do(self.admin.execute("update test_clock.time set seconds = $1", self.time))
        for owner in set(OWNERS) - self.stopped:
            self.clocks[owner].seconds += seconds

    @rule(owner=st.sampled_from(OWNERS))
    def renew(self, owner: str) -> None:
        if owner not in self.stopped:
            assert self._do(self.journals[owner]._lease._renewed())
            self.leases[owner] = self.time + LEASE

    @rule(owner=st.sampled_from(OWNERS))
    def stop_or_continue(self, owner: str) -> None:
        """Its own clock stands still meanwhile: it does not notice that its lease runs out."""
        self.stopped ^= {owner}

    @rule(
        owner=st.sampled_from(OWNERS),
        number=st.integers(1, 3),
        content=st.sampled_from(["same"] * 5 + ["other"]),
    )
    def claim(self, owner: str, number: int, content: str) -> None:
        name = f"{self.name}-{number}"
        found = self._do(self.journals[owner].claim(request(name, content_hash=CONTENTS[content])))
        row = self.rows.get(name)
        if row is None:
            self.rows[name] = Row(CONTENTS[content], owner)
            assert found == self._claimed(name)
        elif row.content != CONTENTS[content]:
            assert found == Conflict()
        elif not row.answered and row.owner not in (None, owner) and self._alive(str(row.owner)):
            assert found == Busy(str(row.owner), self.leases[str(row.owner)] - self.time)
        elif row.reply is not None:
            assert isinstance(found, Finished)
            assert (found.state, found.reply.value, found.answered) == (row.state, row.reply, row.answered)
            assert found.answered_here is row.answered
        else:
            row.in_doubt = row.in_doubt or row.state is State.SENDING
            row.owner, row.epoch, row.state = owner, row.epoch + 1, State.CLAIMED
            assert self._same_but_times(found, self._claimed(name))
        if isinstance(found, Claimed):
            self.tickets.append((owner, found.ticket))

    def _claimed(self, name: str) -> Claimed:
        row, asked = self.rows[name], request(name)
        return Claimed(
            Ticket(asked.source, name, row.epoch), asked.identity, 1, row.attempts, row.in_doubt, None, None, Schedule()
        )  # fmt: skip

    @staticmethod
    def _same_but_times(found: object, wanted: Claimed) -> bool:
        assert isinstance(found, Claimed)
        return (found.ticket, found.identity, found.attempts, found.in_doubt) == (
            wanted.ticket,
            wanted.identity,
            wanted.attempts,
            wanted.in_doubt,
        )

    def _holds(self, owner: str, ticket: Ticket) -> bool:
        row = self.rows[ticket.id]
        return row.reply is None and (row.owner, row.epoch) == (owner, ticket.epoch)

    @precondition(lambda self: self.tickets)
    @rule(data=st.data(), doubt=st.booleans())
    def send(self, data: st.DataObject, doubt: bool) -> None:
        owner, ticket = data.draw(st.sampled_from(self.tickets))
        row, number = self.rows[ticket.id], next(self.messages)
        may = self._holds(owner, ticket) and self._alive(owner)
        attempt = sending(number, message_id=f"m-{number}")
        try:
            may_leave = self._do(self.journals[owner].sending(ticket, attempt, in_doubt=doubt))
        except Fenced:
            assert not may
            return
        assert may, "a fenced worker was let through to send"
        assert may_leave()
        row.state, row.in_doubt, row.attempts = State.SENDING, doubt, max(row.attempts, number)
        row.sent.add(f"m-{number}")

    @precondition(lambda self: self.tickets)
    @rule(data=st.data(), doubt=st.booleans())
    def receive(self, data: st.DataObject, doubt: bool) -> None:
        owner, ticket = data.draw(st.sampled_from(self.tickets))
        row = self.rows[ticket.id]
        step = self.journals[owner].received(ticket, None, in_doubt=doubt, schedule=Schedule(1, 2.0))
        if self._accepted(step, owner, ticket):
            row.state, row.in_doubt = State.CLAIMED, doubt

    @precondition(lambda self: self.tickets)
    @rule(data=st.data(), state=st.sampled_from([State.ACCEPTED, State.FAILED, State.HELD]))
    def finish(self, data: st.DataObject, state: State) -> None:
        owner, ticket = data.draw(st.sampled_from(self.tickets))
        row, reply = self.rows[ticket.id], f"{state} {next(self.messages)}".encode()
        answer = received(max(row.attempts, 1)) if row.sent else None
        step = self.journals[owner].finish(ticket, final(state, reply=event(value=reply)), answer)
        if self._accepted(step, owner, ticket):
            row.state, row.reply = state, reply
            row.in_doubt = row.in_doubt and state is State.HELD

    def _accepted(self, step: Coroutine[Any, Any, None], owner: str, ticket: Ticket) -> bool:
        may = self._holds(owner, ticket)
        try:
            self._do(step)
        except Fenced:
            assert not may
            return False
        assert may, "a fenced worker changed something"
        return True

    @precondition(lambda self: self.tickets)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        owner, ticket = data.draw(st.sampled_from(self.tickets))
        self._do(self.journals[owner].release([ticket]))
        row = self.rows[ticket.id]
        if (row.owner, row.epoch) == (owner, ticket.epoch) and not row.answered:
            row.owner = None

    @precondition(lambda self: self.rows)
    @rule(data=st.data(), owner=st.sampled_from(OWNERS))
    def answer(self, data: st.DataObject, owner: str) -> None:
        name = data.draw(st.sampled_from(sorted(self.rows)))
        self._do(self.journals[owner].answered(request().source, name, 1, PLACE))
        self._do(self.journals[owner]._writer.flush())
        row = self.rows[name]
        row.answered = row.answered or row.reply is not None

    @rule()
    def look(self) -> None:
        """Everything is in the journal as it should be, and of every attempt the evidence."""
        for name, row in self.rows.items():
            found = self._do(self.admin.fetchrow("select * from submissions where id = $1", name))
            assert (found["state"], found["in_doubt"], found["attempts"]) == (
                row.state,
                row.in_doubt,
                row.attempts,
            )
            assert (found["owner"], found["epoch"], found["answered"]) == (row.owner, row.epoch, row.answered)
            assert (found["reply_value"], found["content_hash"]) == (row.reply, row.content)
            kept = self._do(self.admin.fetch("select message_id from attempts where id = $1", name))
            assert {one["message_id"] for one in kept} == row.sent

    def teardown(self) -> None:
        self.look()


@pytest.fixture
def shadowed(journal_dsn: str) -> str:
    """A journal whose server's clock the test sets."""

    async def shadow() -> None:
        connection = await asyncpg.connect(journal_dsn)
        await connection.execute(SHADOW)
        name = await connection.fetchval("select current_database()")
        await connection.execute(f'alter database "{name}" set search_path = test_clock, public, pg_catalog')
        await connection.close()

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(shadow())
    return journal_dsn


def test_the_journal_keeps_to_its_model(shadowed: str) -> None:
    class Machine(JournalMachine):
        servers = Servers(shadowed)

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=300,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    Machine.servers.close()
