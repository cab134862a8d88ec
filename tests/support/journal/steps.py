"""The journal port's conformance suite: the writes that need a ticket, and those that need none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.journal.world import JournalWorld, claimed, died, sent
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
from worker.pipeline.ports import Event, Fenced, Finished, Notification, Owner, Schedule, State

LATER = AT.replace(year=2030)
ODD = {"blob": "b-1", "name": "\x00 \ud800 \u0436", "": ""}


def notice(name: str, submission: str, says: bytes = b"said") -> Notification:
    """Make what an accepted answer shows."""
    told = Event("herald.invented.notifications", b"key", says, (("ce_id", name.encode()),))
    return Notification("invented", name, "invented.said.v1", says, Owner(SOURCE, submission, b"key"), told)


class StepConformance:
    """The steps of the port's conformance suite; a subclass gives the journal."""

    async def test_what_may_leave_may_until_the_lease_is_over(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        held = await claimed(journal)
        may_leave = await journal.sending(held.ticket, sending(), in_doubt=True)
        assert may_leave()
        await world.lapse("one")
        assert not may_leave()

    async def test_a_lease_that_came_back_lets_nothing_leave_that_was_written_before(
        self, world: JournalWorld
    ) -> None:
        journal = await world.open("one")
        held = await claimed(journal)
        may_leave = await journal.sending(held.ticket, sending(), in_doubt=True)
        await world.renew("one")
        assert may_leave()
        await world.lapse("one")
        await world.renew("one")
        assert not may_leave()

    async def test_nothing_is_sent_without_a_lease_though_nobody_took_over(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        held = await claimed(journal)
        await world.lapse("one")
        with pytest.raises(Fenced):
            await journal.sending(held.ticket, sending(), in_doubt=True)
        await world.renew("one")
        found = await claimed(journal)
        assert (found.attempts, found.first_attempt, found.in_doubt) == (0, None, False)

    async def test_an_outcome_may_be_written_after_the_lease_where_nobody_took_over(
        self, world: JournalWorld
    ) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        held = await sent(mine)
        await world.lapse("one")
        await mine.received(held.ticket, received(), in_doubt=False, schedule=Schedule(1, 1.0, None))
        await mine.finish(held.ticket, final(), None)
        assert isinstance(await theirs.claim(request()), Finished)

    async def test_attempts_are_counted_by_their_number_and_dated(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        held = await sent(journal)
        await journal.received(held.ticket, received(), in_doubt=True, schedule=Schedule(1, 1.0, LATER))
        await journal.sending(held.ticket, sending(2, at=LATER), in_doubt=True)
        await journal.received(held.ticket, received(2), in_doubt=True, schedule=Schedule(2, 4.0, None))
        found = await claimed(journal)
        assert (found.attempts, found.first_attempt, found.last_attempt) == (2, AT, LATER)
        assert (found.in_doubt, found.schedule) == (True, Schedule(2, 4.0, None))

    async def test_what_is_sent_is_no_longer_due(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        held = await sent(journal)
        await journal.received(held.ticket, received(), in_doubt=False, schedule=Schedule(1, 1.0, LATER))
        await journal.sending(held.ticket, sending(2), in_doubt=False)
        assert (await claimed(journal)).schedule == Schedule(1, 1.0, None)

    async def test_of_an_attempt_of_which_nothing_was_sent_the_doubt_is_taken_back(
        self, world: JournalWorld
    ) -> None:
        journal = await world.open("one")
        held = await sent(journal)
        await journal.received(held.ticket, None, in_doubt=False, schedule=Schedule())
        assert not (await claimed(journal)).in_doubt

    async def test_the_end_of_an_attempt_may_be_noted_before_any_was_sent(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        held = await claimed(journal)
        await journal.received(held.ticket, None, in_doubt=False, schedule=Schedule(1, 0.5, LATER))
        assert (await claimed(journal)).schedule == Schedule(1, 0.5, LATER)

    async def test_what_a_step_left_is_kept_until_the_next_leaves_something(
        self, world: JournalWorld
    ) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        held = await sent(mine, in_doubt=False, step="upload-1")
        assert held.progress == {}
        for number, left in enumerate((ODD, {"blob": "b-2"}), 1):
            for _ in range(2):
                await mine.received(
                    held.ticket, received(number), in_doubt=False, schedule=Schedule(), progress=left
                )
            await mine.sending(held.ticket, sending(number + 1, step="scan"), in_doubt=False)
            await mine.received(
                held.ticket, received(number + 1), in_doubt=False, schedule=Schedule(1, 1.0, None)
            )
            await mine.release([held.ticket])
            held = await claimed(mine)
            assert held.progress == left
            assert held.schedule == Schedule(1, 1.0, None)
        await mine.release([held.ticket])
        assert (await claimed(theirs)).progress == {"blob": "b-2"}

    async def test_who_lost_a_submission_leaves_no_progress(self, world: JournalWorld) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        held = await sent(mine)
        await mine.release([held.ticket])
        taken = await claimed(theirs)
        with pytest.raises(Fenced):
            await mine.received(
                held.ticket, received(), in_doubt=False, schedule=Schedule(), progress={"blob": "b-1"}
            )
        await theirs.release([taken.ticket])
        assert (await claimed(theirs)).progress == {}

    @pytest.mark.parametrize(("state", "left"), [(State.FAILED, {}), (State.HELD, {"blob": "b-1"})])
    async def test_the_replay_of_what_is_held_goes_on_at_its_step(
        self, world: JournalWorld, state: State, left: dict[str, str]
    ) -> None:
        journal = await world.open("one")
        held = await sent(journal, in_doubt=False, step="upload-1")
        await journal.received(
            held.ticket, received(), in_doubt=False, schedule=Schedule(), progress={"blob": "b-1"}
        )
        await journal.sending(held.ticket, sending(2, step="send"), in_doubt=True)
        await journal.finish(held.ticket, final(state, dead_letter=dead_letter()), None)
        await world.mark("d-1", LetterState.REPLAYING)
        found = await claimed(journal, replay_of="d-1")
        assert (found.revision, found.in_doubt, found.progress) == (2, state is State.HELD, left)

    async def test_what_the_system_said_names_its_step(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        held = await sent(journal, step="send")
        answer = received(outcome="alreadyexists")
        await journal.received(held.ticket, answer, in_doubt=True, schedule=Schedule())
        await journal.release([held.ticket])
        stated = (await claimed(journal)).stated
        assert stated is not None
        assert stated.step == "send"

    async def test_a_submission_without_steps_has_no_progress(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        await died(journal, State.HELD)
        await world.mark("d-1", LetterState.REPLAYING)
        found = await claimed(journal, replay_of="d-1")
        assert (found.progress, found.forgotten) == ({}, False)

    async def test_notices_are_kept_with_the_end_each_once_in_their_order(self, world: JournalWorld) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        held, other = await sent(mine), await sent(theirs, "s-2")
        assert await world.notices_kept() == []
        first = [notice("n-2", "s-1"), notice("n-1", "s-1"), notice("n-2", "s-1", b"again")]
        end = replace(final(), notices=tuple(first))
        for _ in range(2):
            await mine.finish(held.ticket, end, received())
        later = (notice("n-1", "s-2", b"other"), notice("n-3", "s-2"))
        await theirs.finish(other.ticket, replace(final(), notices=later), None)
        assert await world.notices_kept() == [
            ("n-2", "said", "s-1"),
            ("n-1", "said", "s-1"),
            ("n-3", "said", "s-2"),
        ]

    async def test_a_fenced_end_keeps_no_notices(self, world: JournalWorld) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        held = await claimed(mine)
        await world.lapse("one")
        await claimed(theirs)
        with pytest.raises(Fenced):
            await mine.finish(held.ticket, replace(final(), notices=(notice("n-1", "s-1"),)), None)
        assert await world.notices_kept() == []

    @pytest.mark.parametrize("state", [State.ACCEPTED, State.REJECTED, State.FAILED, State.HELD])
    async def test_nothing_is_done_after_the_end_and_the_first_outcome_stands(
        self, world: JournalWorld, state: State
    ) -> None:
        journal = await world.open("one")
        held = await sent(journal)
        await journal.finish(held.ticket, final(state), received())
        for step in (
            journal.sending(held.ticket, sending(2), in_doubt=True),
            journal.received(held.ticket, None, in_doubt=False, schedule=Schedule()),
            journal.finish(held.ticket, final(state, reply=event("another")), None),
        ):
            with pytest.raises(Fenced):
                await step
        await journal.release([held.ticket])
        assert await journal.claim(request()) == Finished(state, event(), None, answered=False)

    async def test_each_step_repeated_comes_to_the_same(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        held = await claimed(journal)
        end = final(State.FAILED, dead_letter=dead_letter())
        for _ in range(2):
            await journal.sending(held.ticket, sending(), in_doubt=True)
        for _ in range(2):
            await journal.received(held.ticket, received(), in_doubt=False, schedule=Schedule(1, 1.0, None))
        for _ in range(2):
            await journal.finish(held.ticket, end, received())
        assert await journal.claim(request()) == Finished(
            State.FAILED, event(), dead_letter().event, answered=False
        )

    async def test_a_reply_without_key_and_value_stays_without(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        bare = event(key=None, value=None, headers=(("empty", None),))
        held = await claimed(journal)
        await journal.finish(held.ticket, final(reply=bare), None)
        found = await journal.claim(request())
        assert isinstance(found, Finished)
        assert found.reply == bare

    async def test_an_acknowledged_reply_is_noted_for_its_revision_alone(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        held = await claimed(journal)
        await journal.answered(SOURCE, "s-1", 1, PLACE)
        await journal.finish(held.ticket, final(), None)
        for revision, expected in ((2, False), (1, True), (1, True)):
            await journal.answered(SOURCE, "s-1", revision, PLACE)
            found = await journal.claim(request())
            assert isinstance(found, Finished)
            assert found.answered is expected

    async def test_an_acknowledgement_of_what_nobody_knows_is_passed_by(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        await journal.answered(SOURCE, "unknown", 1, PLACE)

    async def test_a_dead_letter_is_parked_once(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        nameless = {"source": None, "submission_id": None, "operation": None, "signer": None}
        await journal.park(dead_letter(**nameless), AT)
        await journal.park(dead_letter(detail="a repeat", **nameless), AT)
        assert await world.detail_kept("d-1") == "nobody knows"

    async def test_a_parked_dead_letter_is_published_until_kafka_acknowledged_it(
        self, world: JournalWorld
    ) -> None:
        journal = await world.open("one")
        letter = dead_letter(source=None, submission_id=None)
        assert await journal.is_parked(letter) is False
        for _ in range(2):
            assert await journal.park(letter, AT) is False
            assert await journal.is_parked(letter) is True
        await journal.published(letter)
        assert await journal.park(letter, AT) is True
        assert await journal.park(replace(letter, topic_id=None), AT) is True
        assert await journal.park(replace(letter, id="d-2"), AT) is False
        # The same bytes at the same place of a topic that was recreated.
        other = replace(letter, topic_id="topic-2")
        assert await journal.is_parked(other) is False
        assert await journal.park(other, AT) is False
        await journal.published(other)
        assert await journal.is_parked(other) is True
        assert await journal.park(other, AT) is True

    async def test_a_dead_letter_that_was_parked_is_the_one_that_is_published_again(
        self, world: JournalWorld
    ) -> None:
        journal = await world.open("one")
        first, repeat = dead_letter(), dead_letter(event=event("another topic"), detail="a repeat")
        await journal.park(first, AT)
        held = await claimed(journal)
        await journal.finish(held.ticket, final(State.FAILED, dead_letter=repeat), None)
        found = await journal.claim(request())
        assert isinstance(found, Finished)
        assert found.dead_letter == first.event
        assert await world.detail_kept("d-1") == "nobody knows"
