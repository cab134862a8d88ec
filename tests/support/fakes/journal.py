"""A journal in memory that keeps to what the port promises, and the values that go into it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from tests.support.fakes.ports import FakeClock
from tests.support.fakes.stated import stated_of
from tests.support.fakes.waiting import MemoryWaiting, Wait
from worker.journal.claims import ORDERED_STATES, REPLAYABLE_STATES, LetterState
from worker.journal.stated_sql import ALREADY_EXISTS, TO_BE_SETTLED
from worker.pipeline.exchange import UNSENT
from worker.pipeline.ports import (
    ASKING,
    FINAL_STATES,
    Busy,
    Claimed,
    ClaimRequest,
    ClaimResult,
    Conflict,
    DeadLetter,
    Event,
    Fenced,
    Final,
    Finished,
    Name,
    Notification,
    Place,
    Received,
    Schedule,
    Sending,
    State,
    Ticket,
)
from worker.submission import Submission


@dataclass(slots=True)
class Entry:
    """What the fake journal holds of one submission."""

    request: ClaimRequest
    owner: str | None
    epoch: int = 1
    state: State = State.CLAIMED
    in_doubt: bool = False
    revision: int = 1
    attempts: int = 0
    first_attempt: datetime | None = None
    last_attempt: datetime | None = None
    schedule: Schedule = field(default_factory=Schedule)
    sent: list[Sending] = field(default_factory=list)
    got: dict[str, Received] = field(default_factory=dict)
    final: Final | None = None
    answered: bool = False
    progress: Mapping[str, str] = field(default_factory=dict)
    forgotten: bool = False
    places: list[Place] = field(default_factory=list)
    """Where it was first taken, and the other records that were answered, or came while it waited."""


class MemoryJournalStore:
    """The database that several workers' journals share; its leases run by one clock."""

    def __init__(self, clock: FakeClock, lease_seconds: float = 15.0) -> None:
        self.clock = clock
        self.lease_seconds = lease_seconds
        self.entries: dict[tuple[str, str], Entry] = {}
        self.leases: dict[str, float] = {}
        self.parked: dict[str, DeadLetter] = {}
        self.published: dict[str, str | None] = {}
        """Parked dead letters whose event was acknowledged, with the id of the topic of their record."""
        self.dead_letters: dict[str, DeadLetter] = {}
        """Dead letters that were parked, and those that submissions ended with; an existing one is never changed."""
        self.letters: dict[str, LetterState] = {}
        """Dead letters that a person did something to; all others are open."""
        self.notices: dict[Name, Notification] = {}
        """What accepted answers showed; of one name the first stays."""
        self.waits: dict[tuple[str, str], Wait] = {}
        self.log: list[str] = []
        """Every durable write and, where a system shares it, every send, in order."""

    def lease_left(self, owner: str) -> float:
        return self.leases.get(owner, float("-inf")) - self.clock.monotonic()


class MemoryJournal(MemoryWaiting):
    """One worker's journal. ``before`` runs ahead of each write, by its name: to wait, to raise, to crash there."""

    def __init__(self, store: MemoryJournalStore, owner: str = "worker-1") -> None:
        self.store = store
        self.owner = owner
        self.before: Callable[[str], Awaitable[None]] | None = None
        self._term = 0
        self.renew()

    def renew(self) -> None:
        """Renew the lease; its term rises where it had run out."""
        if self.store.lease_left(self.owner) <= 0:
            self._term += 1
        self.store.leases[self.owner] = self.store.clock.monotonic() + self.store.lease_seconds

    def die(self) -> None:
        """Let the lease run out at once, as if this worker had been silent for that long."""
        self.store.leases[self.owner] = float("-inf")

    async def claim(self, request: ClaimRequest) -> ClaimResult:
        await self._write("claim")
        key = (request.source, request.id)
        if (entry := self.store.entries.get(key)) is None:
            entry = self.store.entries[key] = Entry(request, self.owner, places=[request.place])
            return self._claimed(entry)
        if self._is_replay(entry, request):
            return self._reopened(entry, request)
        meaning = request.meaning_hash
        alike = meaning is not None and meaning == entry.request.meaning_hash
        if entry.request.content_hash != request.content_hash and not alike:
            return Conflict()
        if entry.state is State.WAITING:
            entry.places.append(request.place)
            return self.store.waits[key].since
        other = entry.owner not in (None, self.owner)
        if other and not entry.answered and (left := self.store.lease_left(str(entry.owner))) > 0:
            return Busy(str(entry.owner), left)
        ended = entry.final and self._finished(entry, entry.final, request.place)
        return ended or self._taken_over(entry)

    async def sending(self, ticket: Ticket, sending: Sending, *, in_doubt: bool) -> Callable[[], bool]:
        term = self._term

        def may_leave() -> bool:
            return self.store.lease_left(self.owner) > 0 and self._term == term

        await self._write("sending", f" {sending.purpose} {sending.number} doubt={in_doubt}")
        entry = self.store.entries[(ticket.source, ticket.id)]
        if sending.purpose not in ASKING:
            entry = self._held(ticket)
        if self.store.lease_left(self.owner) <= 0:
            raise Fenced
        if sending.purpose in ASKING:
            self._ask(ticket, sending)
            return may_leave
        self._attempt(entry, sending)
        entry.state, entry.in_doubt = State.SENDING, in_doubt
        entry.attempts = max(entry.attempts, sending.number)
        entry.first_attempt = entry.first_attempt or sending.at
        entry.last_attempt, entry.schedule = sending.at, replace(entry.schedule, due=None)
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
        told = f"{received.number} {received.outcome}" if received else "nothing sent"
        await self._write("received", f" {told} doubt={in_doubt}")
        entry = self._held(ticket)
        if entry.state is State.WAITING:
            raise Fenced
        if received is not None:
            self._keep(entry, received)
        entry.state, entry.in_doubt, entry.schedule = State.CLAIMED, in_doubt, schedule
        if progress is not None:
            entry.progress = dict(progress)

    async def finish(self, ticket: Ticket, final: Final, received: Received | None) -> None:
        await self._write("finish", f" {final.state}")
        if final.state not in FINAL_STATES:
            raise AssertionError(f"{final.state} is no end")
        entry = self._held(ticket, again=final)
        if received is not None:
            self._keep(entry, received)
        if letter := final.dead_letter:
            final = replace(final, dead_letter=self.store.dead_letters.setdefault(letter.id, letter))
        for notice in final.notices:
            self.store.notices.setdefault(notice.name, notice)
        entry.state, entry.final, entry.answered = final.state, final, False
        entry.schedule = replace(entry.schedule, due=None)
        entry.in_doubt = entry.in_doubt and final.state is State.HELD
        if final.state is not State.HELD:
            entry.progress, entry.forgotten = {}, False

    async def answered(self, source: str, submission_id: str, revision: int, place: Place) -> None:
        await self._write("answered")
        entry = self.store.entries.get((source, submission_id))
        if entry is not None and entry.final is not None and entry.revision == revision:
            entry.answered = True
            entry.places.append(place)

    async def release(self, tickets: Sequence[Ticket]) -> None:
        await self._write("release")
        for ticket in tickets:
            entry = self.store.entries.get((ticket.source, ticket.id))
            ours = entry is not None and entry.owner == self.owner and entry.epoch == ticket.epoch
            if entry is not None and ours and not entry.answered:
                entry.owner = None

    async def is_parked(self, dead_letter: DeadLetter) -> bool:
        if (known := self.store.parked.get(dead_letter.id)) is None:
            return False
        topic_id = self.store.published.get(dead_letter.id, known.topic_id)
        return None in (topic_id, dead_letter.topic_id) or topic_id == dead_letter.topic_id

    async def park(self, dead_letter: DeadLetter, at: datetime) -> bool:
        await self._write("park")
        self.store.parked.setdefault(dead_letter.id, dead_letter)
        self.store.dead_letters.setdefault(dead_letter.id, dead_letter)
        topics = [self.store.published[dead_letter.id]] if dead_letter.id in self.store.published else []
        return any(None in (one, dead_letter.topic_id) or one == dead_letter.topic_id for one in topics)

    async def published(self, dead_letter: DeadLetter) -> None:
        await self._write("published")
        self.store.published[dead_letter.id] = dead_letter.topic_id

    async def _write(self, name: str, told: str = "") -> None:
        if self.before is not None:
            await self.before(name)
        self.store.log.append(name + told)

    def _held(self, ticket: Ticket, again: Final | None = None) -> Entry:
        """Return the entry that the ticket holds. ``again`` is the end that may be written once more."""
        entry = self.store.entries[(ticket.source, ticket.id)]
        ours = entry.owner == self.owner and entry.epoch == ticket.epoch
        if not ours or not (entry.final is None or _same_end(entry.final, again)):
            self.store.log.append("fenced")
            raise Fenced
        return entry

    def _attempt(self, entry: Entry, sending: Sending) -> None:
        """Keep the attempt; the very step before may be repeated."""
        if entry.state is State.SENDING and entry.sent[-1] == sending:
            return
        if any(sending.message_id == one.message_id for one in entry.sent):
            raise AssertionError("a message id was used twice")
        entry.sent.append(sending)

    def _keep(self, entry: Entry, received: Received) -> None:
        if received.message_id not in {one.message_id for one in entry.sent}:
            if received.outcome == UNSENT:  # fenced before it was written at all
                return
            raise AssertionError("an answer to a message that was never journaled as sending")
        entry.got[received.message_id] = received

    def _finished(self, entry: Entry, final: Final, asked: Place) -> Finished:
        return Finished(
            entry.state,
            final.reply,
            final.dead_letter.event if final.dead_letter else None,
            answered=entry.answered,
            revision=entry.revision,
            answered_here=entry.answered and any(asked.is_same(place) for place in entry.places),
        )

    def _taken_over(self, entry: Entry) -> Claimed:
        # After a crash in `sending` the message counts as sent, unless it was a look-up.
        if entry.state is State.SENDING and entry.sent[-1].purpose != "look-up":
            entry.in_doubt = True
        entry.owner, entry.state, entry.epoch = self.owner, State.CLAIMED, entry.epoch + 1
        return self._claimed(entry, TO_BE_SETTLED)

    def _is_replay(self, entry: Entry, request: ClaimRequest) -> bool:
        letter = entry.final.dead_letter if entry.final else None
        return (
            letter is not None
            and entry.state in REPLAYABLE_STATES
            and letter.id == request.replay_of
            and self.store.letters.get(letter.id) in ORDERED_STATES
            and entry.request.content_hash in (request.content_hash, request.unread_hash)
        )

    def _reopened(self, entry: Entry, request: ClaimRequest) -> Claimed:
        entry.owner, entry.state, entry.epoch = self.owner, State.CLAIMED, entry.epoch + 1
        entry.revision += 1
        self.store.waits.pop((request.source, request.id), None)
        entry.first_attempt = entry.last_attempt = None
        entry.schedule = Schedule()
        entry.progress = entry.progress if entry.in_doubt else {}
        entry.final, entry.answered = None, False
        told = request if entry.attempts == 0 else entry.request
        entry.request = replace(
            entry.request,
            type=told.type,
            operation=told.operation,
            signer=told.signer,
            identity=told.identity,
            content_hash=request.content_hash,
            meaning_hash=request.meaning_hash,
        )
        return self._claimed(entry, ALREADY_EXISTS)

    def _claimed(self, entry: Entry, outcomes: Sequence[str] = ()) -> Claimed:
        return Claimed(
            ticket=Ticket(entry.request.source, entry.request.id, entry.epoch),
            identity=entry.request.identity,
            revision=entry.revision,
            attempts=entry.attempts,
            in_doubt=entry.in_doubt,
            first_attempt=entry.first_attempt,
            last_attempt=entry.last_attempt,
            schedule=entry.schedule,
            stated=stated_of(entry, outcomes),
            progress=entry.progress,
            forgotten=entry.forgotten,
        )


def _same_end(first: Final, again: Final | None) -> bool:
    return (
        again is not None
        and first.state is again.state
        and (first.reply.topic, first.reply.value) == (again.reply.topic, again.reply.value)
    )


def claim_request(submission: Submission, clock: FakeClock, **other: object) -> ClaimRequest:
    """Make the claim for a submission as intake would."""
    request = ClaimRequest(
        source=submission.source,
        id=submission.id,
        type=submission.type,
        system=submission.system,
        operation=submission.operation,
        signer=submission.signer,
        identity=f"identity of {submission.id}",
        content_hash=submission.content_hash,
        key_digest=b"digest",
        place=Place("submissions", 0, 7, 0),
        received_at=clock.now(),
    )
    return replace(request, **other)  # type: ignore[arg-type]  # fields by name


def reply(text: str = "reply") -> Event:
    """Make some reply."""
    return Event("results", b"key", text.encode(), (("ce_id", b"r-1"),))
