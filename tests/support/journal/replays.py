"""The journal port's conformance suite: which replay opens a submission again, and which opens nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.journal.world import JournalWorld, claimed, died
from tests.support.postgres.journal import (
    PLACE,
    SOURCE,
    dead_letter,
    event,
    final,
    received,
    request,
    sending,
)
from worker.journal.claims import LetterState
from worker.pipeline.ports import Busy, Claimed, Conflict, Finished, Schedule, State, Ticket

ORDERED = [LetterState.REPLAYING, LetterState.REPLAYED]
UNREAD = dict.fromkeys(("type", "operation", "signer", "identity"), "unread")


class ReplayConformance:
    """The replays of the port's conformance suite; a subclass gives the journal."""

    @pytest.mark.parametrize("state", [State.FAILED, State.HELD])
    @pytest.mark.parametrize("ordered", ORDERED)
    async def test_an_ordered_replay_opens_the_next_revision(
        self, world: JournalWorld, state: State, ordered: LetterState
    ) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        await died(mine, state)
        await mine.answered(SOURCE, "s-1", 1, PLACE)
        await world.mark("d-1", ordered)
        assert await theirs.claim(request(replay_of="d-1", identity="another", signer="other")) == Claimed(
            ticket=Ticket(SOURCE, "s-1", 2),
            identity="lrn-s-1",
            revision=2,
            attempts=1,
            in_doubt=state is State.HELD,
            first_attempt=None,
            last_attempt=None,
            schedule=Schedule(),
        )

    async def test_the_next_revision_has_an_answer_of_its_own(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        await died(journal)
        await journal.answered(SOURCE, "s-1", 1, PLACE)
        await world.mark("d-1", LetterState.REPLAYING)
        held = await claimed(journal, replay_of="d-1")
        await journal.sending(held.ticket, sending(2), in_doubt=True)
        await journal.finish(held.ticket, final(), received(2))
        expected = Finished(State.ACCEPTED, event(), None, answered=False, revision=2)
        assert await journal.claim(request()) == expected
        await journal.answered(SOURCE, "s-1", 1, PLACE)
        assert await journal.claim(request(replay_of="d-1")) == expected

    async def test_neither_the_replay_nor_what_it_replays_is_answered_twice(
        self, world: JournalWorld
    ) -> None:
        journal = await world.open("one")
        await died(journal)
        await journal.answered(SOURCE, "s-1", 1, PLACE)
        await world.mark("d-1", LetterState.REPLAYED)
        again = replace(PLACE, offset=90, timestamp_ms=PLACE.timestamp_ms + 1)
        held = await claimed(journal, replay_of="d-1", place=again)
        await journal.finish(held.ticket, final(), None)
        found = await journal.claim(request())
        assert isinstance(found, Finished)
        assert not found.answered_here  # the answer of the present revision is not acknowledged yet
        await journal.answered(SOURCE, "s-1", 2, again)
        for place, here in ((PLACE, True), (again, True), (replace(again, offset=91), False)):
            found = await journal.claim(request(place=place, replay_of="d-1"))
            assert isinstance(found, Finished)
            assert found.answered_here is here

    @pytest.mark.parametrize("state", [LetterState.OPEN, LetterState.DISCARDED, LetterState.SETTLED])
    async def test_a_pointer_without_an_order_opens_nothing(
        self, world: JournalWorld, state: LetterState
    ) -> None:
        journal = await world.open("one")
        await died(journal)
        await world.mark("d-1", state)
        assert isinstance(await journal.claim(request(replay_of="d-1")), Finished)

    async def test_an_order_without_its_pointer_opens_nothing(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        await died(journal)
        await world.mark("d-1", LetterState.REPLAYING)
        for asked in (request(), request(replay_of="d-9")):
            assert isinstance(await journal.claim(asked), Finished)

    @pytest.mark.parametrize("state", [State.ACCEPTED, State.REJECTED])
    async def test_what_the_system_stated_is_final(self, world: JournalWorld, state: State) -> None:
        journal = await world.open("one")
        held = await claimed(journal)
        await journal.finish(held.ticket, final(state, dead_letter=dead_letter()), None)
        await world.mark("d-1", LetterState.REPLAYING)
        assert isinstance(await journal.claim(request(replay_of="d-1")), Finished)

    async def test_a_replay_of_other_content_is_a_conflict(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        await died(journal)
        await world.mark("d-1", LetterState.REPLAYING)
        assert await journal.claim(request(replay_of="d-1", content_hash=b"other")) == Conflict()

    async def test_a_replay_opens_once(self, world: JournalWorld) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        await died(mine)
        await world.mark("d-1", LetterState.REPLAYING)
        assert (await claimed(mine, replay_of="d-1")).revision == 2
        assert isinstance(await theirs.claim(request(replay_of="d-1")), Busy)
        again = await claimed(mine, replay_of="d-1")
        assert (again.revision, again.ticket.epoch) == (2, 3)

    async def test_what_was_never_sent_is_named_anew(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        await died(journal, send=False, content_hash=b"raw", **UNREAD)
        await world.mark("d-1", LetterState.REPLAYING)
        held = await claimed(journal, replay_of="d-1", unread_hash=b"raw")
        assert (held.revision, held.attempts, held.identity) == (2, 0, "lrn-s-1")
        # What it was while it could not be read is no longer its content.
        assert await journal.claim(request(content_hash=b"raw")) == Conflict()
        assert (await claimed(journal)).identity == "lrn-s-1"

    async def test_the_schedule_begins_anew_and_attempts_are_counted_on(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        held = await claimed(journal)
        await journal.sending(held.ticket, sending(), in_doubt=True)
        await journal.received(held.ticket, received(), in_doubt=False, schedule=Schedule(7, 60.0, None))
        await journal.finish(held.ticket, final(State.FAILED, dead_letter=dead_letter()), None)
        await world.mark("d-1", LetterState.REPLAYED)
        held = await claimed(journal, replay_of="d-1")
        assert (held.attempts, held.schedule) == (1, Schedule())
        await journal.sending(held.ticket, sending(2), in_doubt=True)
        assert (await claimed(journal)).attempts == 2
