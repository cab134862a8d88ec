"""The part of the journal in memory for submissions whose answer comes later."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from worker.outcome import Taken
from worker.pipeline.ports import (
    FINAL_STATES,
    Begin,
    Claimed,
    DueAnswer,
    Fenced,
    Final,
    Finished,
    Phase,
    Place,
    PutOff,
    Received,
    Schedule,
    Sending,
    State,
    Ticket,
    Waiting,
)

if TYPE_CHECKING:
    from tests.support.fakes.journal import Entry, MemoryJournalStore

Key = tuple[str, str]


@dataclass(slots=True)
class Wait:
    """What the fake journal keeps of a submission that waits; ``due`` and ``gives_up`` by the monotonic clock."""

    begin: Begin
    since: Waiting
    taken: Taken
    due: float
    gives_up: float
    phase: Phase = Phase.ASK
    asks: int = 0
    hastened: bool = False


class MemoryWaiting:
    """Keeps to `pipeline.ports.WaitingJournal`; the journal in memory has what it needs."""

    store: MemoryJournalStore
    owner: str
    _write: Callable[..., Awaitable[None]]
    _keep: Callable[[Entry, Received], None]
    _claimed: Callable[[Entry], Claimed]
    _finished: Callable[[Entry, Final, Place], Finished]

    async def wait(
        self, ticket: Ticket, begin: Begin, received: Received | None, *, in_doubt: bool
    ) -> Waiting:
        await self._write("wait", f" doubt={in_doubt}")
        entry, key = self.store.entries[(ticket.source, ticket.id)], (ticket.source, ticket.id)
        again = entry.owner is None and entry.state is State.WAITING
        if entry.epoch != ticket.epoch or not (again or (entry.owner == self.owner and entry.final is None)):
            raise Fenced
        if received is not None:
            self._keep(entry, received)
        entry.state, entry.in_doubt, entry.owner = State.WAITING, in_doubt, None
        if key not in self.store.waits:
            clock = self.store.clock
            end = clock.now() + timedelta(seconds=begin.give_up_after)
            since = Waiting(entry.revision, begin.taken.reference, clock.now(), end)
            due, gives_up = clock.monotonic() + begin.delay, clock.monotonic() + begin.give_up_after
            self.store.waits[key] = Wait(begin, since, begin.taken, due, gives_up)
        return self.store.waits[key].since

    async def is_waiting(self, source: str, submission_id: str) -> bool:
        await self._write("is waiting")
        key = (source, submission_id)
        return key in self.store.waits and not self.store.entries[key].answered

    async def take_due(self, system: str, limit: int, held: Collection[Key]) -> Sequence[DueAnswer]:
        await self._write("take due")
        due = sorted(
            (wait.due, key)
            for key, wait in self.store.waits.items()
            if wait.begin.system == system and key not in held and self._is_free(key)
        )
        return [self._take(key) for when, key in due[:limit] if when <= self.store.clock.monotonic()]

    async def put_off(self, ticket: Ticket, put_off: PutOff, received: Received | None) -> None:
        await self._write("put off", f" {put_off.delay:g}")
        self._give_back(ticket, received)
        wait = self.store.waits[(ticket.source, ticket.id)]
        wait.due = self.store.clock.monotonic() + (0 if wait.hastened else put_off.delay)
        wait.asks += put_off.asked
        if put_off.taken is not None:
            wait.taken = replace(put_off.taken, reference=wait.since.reference, delay=None)

    async def acknowledge(self, ticket: Ticket, give_up_after: float) -> None:
        await self._write("acknowledge")
        entry = self.store.entries[(ticket.source, ticket.id)]
        if entry.owner != self.owner or entry.epoch != ticket.epoch:
            raise Fenced
        wait = self.store.waits[(ticket.source, ticket.id)]
        if wait.phase is Phase.ASK:
            now = self.store.clock.monotonic()
            wait.phase, wait.asks, wait.hastened = Phase.ACKNOWLEDGE, 0, False
            wait.due, wait.gives_up = now, now + give_up_after

    async def waited(self, ticket: Ticket, received: Received | None) -> None:
        await self._write("waited")
        self._give_back(ticket, received)
        self.store.waits.pop((ticket.source, ticket.id), None)

    async def hasten(self, system: str, ready: str) -> bool:
        await self._write("hasten")
        found = [
            wait
            for wait in self.store.waits.values()
            if (wait.begin.system, wait.phase, wait.taken.ready) == (system, Phase.ASK, ready)
        ]
        for wait in found:
            wait.due, wait.hastened = min(wait.due, self.store.clock.monotonic()), True
        return bool(found)

    def _ask(self, ticket: Ticket, sending: Sending) -> None:
        """Keep a message that asks or acknowledges: no state changes."""
        key = ticket.source, ticket.id
        entry = self.store.entries[key]
        if entry.owner != self.owner or entry.epoch != ticket.epoch or key not in self.store.waits:
            raise Fenced
        if any(sending.message_id == one.message_id for one in entry.sent):
            raise AssertionError("a message id was used twice")
        entry.sent.append(sending)
        if entry.state is State.WAITING:
            entry.attempts, entry.last_attempt = max(entry.attempts, sending.number), sending.at

    def _is_free(self, key: Key) -> bool:
        entry = self.store.entries[key]
        ready = entry.state is State.WAITING or entry.state in FINAL_STATES
        ours = entry.owner in (None, self.owner)
        return ready and (ours or self.store.lease_left(str(entry.owner)) <= 0)

    def _take(self, key: Key) -> DueAnswer:
        entry, wait = self.store.entries[key], self.store.waits[key]
        entry.owner, entry.epoch, wait.hastened = self.owner, entry.epoch + 1, False
        return DueAnswer(
            phase=wait.phase,
            operation=wait.begin.operation,
            signer=entry.request.signer,
            claimed=replace(self._claimed(entry), schedule=Schedule()),
            record=wait.begin.record,
            taken=replace(wait.taken, delay=None),
            asks=wait.asks,
            late=self.store.clock.monotonic() - wait.due,
            left=wait.gives_up - self.store.clock.monotonic(),
            finished=self._ended(entry),
        )

    def _ended(self, entry: Entry) -> Finished | None:
        if entry.final is None:
            return None
        return replace(self._finished(entry, entry.final, entry.request.place), answered_here=False)

    def _give_back(self, ticket: Ticket, received: Received | None) -> None:
        entry = self.store.entries[(ticket.source, ticket.id)]
        if entry.epoch != ticket.epoch or entry.owner not in (None, self.owner):
            raise Fenced
        if received is not None:
            self._keep(entry, received)
        entry.owner = None
