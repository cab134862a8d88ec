"""The journal port's conformance suite: submissions whose answer comes later."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.support.journal.world import JournalWorld, claimed, sent
from tests.support.postgres.journal import (
    AT,
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
from worker.outcome import Taken
from worker.pipeline.ports import (
    Begin,
    Claimed,
    Conflict,
    DueAnswer,
    Fenced,
    Finished,
    Journal,
    Phase,
    PutOff,
    Record,
    Schedule,
    State,
    Waiting,
)

TAKEN = Taken({"call": "c-1", "code": "v-1"}, reference="c-1", ready="c-1 v-1")
RECORD = Record(
    PLACE.topic,
    PLACE.partition,
    PLACE.offset,
    PLACE.timestamp_ms,
    b"\x00key\xff",
    b'{"a":"\xc3\xa9"}',
    (("ce_id", b"s-1"), ("ce_id", b"again"), ("empty", None), ("bytes", bytes(range(256)))),
    topic_id=PLACE.topic_id,
)
DAY = 86_400.0
ASK = PutOff(3600.0)


def begin(**changes: Any) -> Begin:
    """What is kept of a submission that the system took; it is due at once."""
    values: dict[str, Any] = {
        "system": "nhis",
        "operation": "immunization.register",
        "taken": TAKEN,
        "record": RECORD,
        "delay": 0.0,
        "give_up_after": DAY,
    }
    return Begin(**(values | changes))


async def waits(journal: Journal, name: str = "s-1", *, in_doubt: bool = True, **changes: Any) -> Waiting:
    """Let a submission wait whose first attempt the system took."""
    message = f"m-{name}"
    held = await sent(journal, name, message_id=message)
    answer = received(outcome="taken", message_id=message)
    return await journal.wait(held.ticket, begin(**changes), answer, in_doubt=in_doubt)


async def taken(journal: Journal, *held: tuple[str, str]) -> DueAnswer:
    """Take the only submission that is due."""
    (due,) = await journal.take_due("nhis", 10, held)
    return due


class WaitConformance:
    """The waits of the port's conformance suite; a subclass gives the journal."""

    async def test_whoever_claims_what_waits_is_told_since_when(self, world: JournalWorld) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        since = await waits(mine)
        assert (since.revision, since.reference) == (1, "c-1")
        assert since.give_up_at - since.taken_at == timedelta(seconds=DAY)
        for journal in (mine, theirs):
            assert await journal.claim(request()) == since
            assert await journal.claim(request(offset=43)) == since
            assert await journal.claim(request(content_hash=b"other content")) == Conflict()

    async def test_what_comes_while_it_waits_has_its_answer_in_the_reply(self, world: JournalWorld) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        since = await waits(mine)
        for offset in (PLACE.offset, 43, 43, 44):
            assert await mine.claim(request(offset=offset)) == since
        due = await taken(theirs)
        await theirs.finish(due.ticket, final(), received(message_id="m-s-1"))
        for offset in (PLACE.offset, 43, 45):
            found = await theirs.claim(request(offset=offset))
            assert isinstance(found, Finished)
            assert not found.answered_here  # Kafka does not have the reply yet
        await theirs.answered(SOURCE, "s-1", 1, PLACE)
        for offset, here in ((PLACE.offset, True), (43, True), (44, True), (45, False)):
            found = await mine.claim(request(offset=offset))
            assert isinstance(found, Finished)
            assert found.answered_here is here

    async def test_what_waits_is_kept_with_its_record_and_attempt(self, world: JournalWorld) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        await waits(mine)
        due = await taken(theirs)
        assert (due.record, due.taken, due.phase, due.asks) == (RECORD, TAKEN, Phase.ASK, 0)
        assert due.finished is None
        assert DAY - 60 < due.left <= DAY
        assert due.claimed == Claimed(
            ticket=due.ticket,
            identity="lrn-s-1",
            revision=1,
            attempts=1,
            in_doubt=True,
            first_attempt=AT,
            last_attempt=AT,
            schedule=Schedule(),
        )
        assert due.ticket.epoch == 2

    async def test_a_wait_that_is_written_twice_is_one(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        held = await sent(journal)
        answer = received(outcome="taken")
        first = await journal.wait(held.ticket, begin(), answer, in_doubt=True)
        assert await journal.wait(held.ticket, begin(), answer, in_doubt=True) == first

    async def test_only_the_owner_lets_it_wait_and_only_before_its_end(self, world: JournalWorld) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        held = await sent(mine)
        await world.lapse("one")
        other = await claimed(theirs)
        with pytest.raises(Fenced):
            await mine.wait(held.ticket, begin(), None, in_doubt=True)
        await theirs.finish(other.ticket, final(), None)
        with pytest.raises(Fenced):
            await theirs.wait(other.ticket, begin(), None, in_doubt=True)

    async def test_who_let_it_wait_holds_nothing_any_more(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        held = await sent(journal)
        await journal.wait(held.ticket, begin(), None, in_doubt=True)
        for step in (
            journal.sending(held.ticket, sending(2), in_doubt=True),
            journal.sending(held.ticket, sending(2, purpose="ask"), in_doubt=True),
            journal.received(held.ticket, None, in_doubt=False, schedule=Schedule()),
            journal.finish(held.ticket, final(), None),
        ):
            with pytest.raises(Fenced):
                await step

    async def test_nothing_is_taken_before_it_is_due_or_for_another_system(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        await waits(journal, delay=3600.0)
        assert await journal.take_due("nhis", 10, ()) in ((), [])
        await waits(journal, "s-2", system="erx")
        assert await journal.take_due("nhis", 10, ()) in ((), [])
        assert len(await journal.take_due("erx", 10, ())) == 1

    async def test_as_many_as_wanted_are_taken_once(self, world: JournalWorld) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        for name in ("s-1", "s-2", "s-3"):
            await waits(mine, name)
        first = await mine.take_due("nhis", 2, ())
        second = await theirs.take_due("nhis", 2, ())
        names = [one.ticket.id for one in (*first, *second)]
        assert (len(first), len(second), sorted(names)) == (2, 1, ["s-1", "s-2", "s-3"])

    async def test_a_worker_takes_again_what_it_took_and_does_not_know_of(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        await waits(journal)
        first = await taken(journal)
        assert await journal.take_due("nhis", 10, [(SOURCE, "s-1")]) in ((), [])
        again = await taken(journal)
        assert again.ticket.epoch == first.ticket.epoch + 1
        with pytest.raises(Fenced):
            await journal.put_off(first.ticket, ASK, None)

    async def test_the_next_owner_takes_what_a_silent_worker_has(self, world: JournalWorld) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        await waits(mine)
        first = await taken(mine)
        assert await theirs.take_due("nhis", 10, ()) in ((), [])
        await world.lapse("one")
        second = await taken(theirs)
        await world.renew("one")
        with pytest.raises(Fenced):
            await mine.sending(first.ticket, sending(2, purpose="ask"), in_doubt=True)
        with pytest.raises(Fenced):
            await mine.finish(first.ticket, final(), None)
        await theirs.sending(second.ticket, sending(2, purpose="ask"), in_doubt=True)

    async def test_what_is_released_is_taken_at_once(self, world: JournalWorld) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        await waits(mine)
        await mine.release([(await taken(mine)).ticket])
        assert (await taken(theirs)).claimed.in_doubt

    async def test_asking_counts_and_leaves_the_state(self, world: JournalWorld) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        await waits(mine)
        due = await taken(mine)
        later = AT + timedelta(hours=1)
        may_leave = await mine.sending(due.ticket, sending(2, purpose="ask", at=later), in_doubt=True)
        assert may_leave()
        assert isinstance(await theirs.claim(request()), Waiting)
        await world.lapse("one")
        assert not may_leave()
        found = await taken(theirs)
        assert (found.claimed.attempts, found.claimed.first_attempt) == (2, AT)
        assert (found.claimed.last_attempt, found.claimed.in_doubt) == (later, True)

    async def test_nothing_is_asked_without_a_lease(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        await waits(journal)
        due = await taken(journal)
        await world.lapse("one")
        with pytest.raises(Fenced):
            await journal.sending(due.ticket, sending(2, purpose="ask"), in_doubt=True)

    async def test_what_is_put_off_is_due_later_with_what_the_system_said(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        await waits(journal)
        due = await taken(journal)
        await journal.sending(due.ticket, sending(2, purpose="ask"), in_doubt=True)
        other = replace(TAKEN, call={"call": "c-2"}, ready="c-2")
        answer = received(2, outcome="taken")
        for _ in range(2):
            await journal.put_off(due.ticket, PutOff(3600.0, other), answer)
        assert await journal.take_due("nhis", 10, ()) in ((), [])
        assert not await journal.hasten("nhis", "c-1 v-1")
        assert await journal.hasten("nhis", "c-2")
        again = await taken(journal)
        assert again.taken == other
        assert again.asks >= 1

    async def test_what_was_not_asked_does_not_count(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        await waits(journal)
        await journal.put_off((await taken(journal)).ticket, PutOff(0.0, asked=False), None)
        assert (await taken(journal)).asks == 0

    async def test_a_call_of_the_system_makes_it_due(self, world: JournalWorld) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        await waits(mine, delay=3600.0)
        assert not await theirs.hasten("nhis", "c-1 v-2")
        assert not await theirs.hasten("erx", "c-1 v-1")
        assert await theirs.hasten("nhis", "c-1 v-1")
        assert (await taken(mine)).taken == TAKEN

    async def test_a_call_that_comes_while_it_is_asked_for_is_not_lost(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        await waits(journal)
        due = await taken(journal)
        assert await journal.hasten("nhis", "c-1 v-1")
        await journal.put_off(due.ticket, ASK, None)
        due = await taken(journal)
        await journal.put_off(due.ticket, ASK, None)
        assert await journal.take_due("nhis", 10, ()) in ((), [])

    async def test_nothing_waits_for_a_call_without_what_it_must_carry(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        await waits(journal, taken=replace(TAKEN, ready=None))
        assert not await journal.hasten("nhis", "c-1 v-1")

    async def test_its_end_is_the_end_of_any_submission(self, world: JournalWorld) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        await waits(mine)
        assert await mine.is_waiting(SOURCE, "s-1")
        due = await taken(mine)
        await mine.sending(due.ticket, sending(2, purpose="ask"), in_doubt=True)
        await mine.finish(due.ticket, final(), received(2))
        assert await mine.is_waiting(SOURCE, "s-1")
        await mine.answered(SOURCE, "s-1", 1, PLACE)
        assert not await mine.is_waiting(SOURCE, "s-1")
        await mine.waited(due.ticket, None)
        await mine.waited(due.ticket, None)
        found = await theirs.claim(request())
        assert isinstance(found, Finished)
        assert (found.state, found.answered, found.answered_here) == (State.ACCEPTED, True, True)
        assert await theirs.take_due("nhis", 10, ()) in ((), [])
        assert not await theirs.is_waiting(SOURCE, "s-1")

    async def test_an_end_that_was_not_published_is_taken_by_the_next_worker(
        self, world: JournalWorld
    ) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        await waits(mine)
        due = await taken(mine)
        await mine.finish(due.ticket, final(State.HELD, dead_letter=dead_letter()), None)
        assert await theirs.take_due("nhis", 10, ()) in ((), [])
        await world.lapse("one")
        found = await taken(theirs)
        assert found.finished == Finished(State.HELD, event(), dead_letter().event, answered=False)
        assert (found.phase, found.record) == (Phase.ASK, RECORD)

    async def test_the_acknowledgement_is_due_at_once_until_nothing_is_left(
        self, world: JournalWorld
    ) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        await waits(mine)
        due = await taken(mine)
        await mine.put_off(due.ticket, PutOff(0.0), None)
        due = await taken(mine)
        await mine.finish(due.ticket, final(), None)
        await mine.answered(SOURCE, "s-1", 1, PLACE)
        for _ in range(2):
            await mine.acknowledge(due.ticket, 60.0)
        await mine.sending(due.ticket, sending(3, purpose="acknowledge"), in_doubt=True)
        await mine.put_off(due.ticket, PutOff(0.0), received(3, outcome="unknown"))
        found = await taken(theirs)
        assert (found.phase, found.asks, found.claimed.attempts) == (Phase.ACKNOWLEDGE, 1, 1)
        assert 0 < found.left <= 60
        assert found.finished is not None
        assert found.finished.answered
        assert not await theirs.hasten("nhis", "c-1 v-1")
        await theirs.sending(found.ticket, sending(4, purpose="acknowledge"), in_doubt=True)
        await theirs.waited(found.ticket, received(4))
        assert await mine.take_due("nhis", 10, ()) in ((), [])

    async def test_another_ticket_acknowledges_and_forgets_nothing(self, world: JournalWorld) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        await waits(mine)
        first = await taken(mine)
        await world.lapse("one")
        await taken(theirs)
        for step in (
            mine.acknowledge(first.ticket, 60.0),
            mine.waited(first.ticket, None),
            mine.put_off(first.ticket, ASK, None),
        ):
            with pytest.raises(Fenced):
                await step

    async def test_a_replay_forgets_what_its_earlier_revision_waited_for(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        await waits(journal)
        due = await taken(journal)
        await journal.finish(due.ticket, final(State.HELD, dead_letter=dead_letter()), None)
        await world.mark("d-1", LetterState.REPLAYED)
        again = await claimed(journal, replay_of="d-1")
        assert (again.revision, again.in_doubt) == (2, True)
        assert await journal.take_due("nhis", 10, ()) in ((), [])
        since = await journal.wait(again.ticket, begin(), None, in_doubt=True)
        assert since.revision == 2
        assert (await taken(journal)).claimed.revision == 2
