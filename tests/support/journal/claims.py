"""The journal port's conformance suite: the result of a claim, and which ticket may act."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

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
from worker.pipeline.ports import Busy, Claimed, Conflict, Fenced, Finished, Schedule, State, Stated, Ticket

OTHER = b"other content"
LATER = AT.replace(year=2030)


class ClaimConformance:
    """The claims of the port's conformance suite; a subclass gives the journal."""

    async def test_what_is_new_is_claimed(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        assert await journal.claim(request()) == Claimed(
            ticket=Ticket(SOURCE, "s-1", 1),
            identity="lrn-s-1",
            revision=1,
            attempts=0,
            in_doubt=False,
            first_attempt=None,
            last_attempt=None,
            schedule=Schedule(),
        )

    async def test_the_same_id_of_another_source_is_another_submission(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        await claimed(journal)
        assert (await claimed(journal, source="urn:2", content_hash=OTHER)).ticket == Ticket(
            "urn:2", "s-1", 1
        )

    async def test_a_duplicate_gets_the_stored_answer(self, world: JournalWorld) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        held = await sent(mine)
        await mine.finish(held.ticket, final(), received())
        assert await mine.claim(request()) == Finished(State.ACCEPTED, event(), None, answered=False)
        await mine.answered(SOURCE, "s-1", 1, PLACE)
        for journal in (mine, theirs):
            found = await journal.claim(request(offset=43))
            assert found == Finished(State.ACCEPTED, event(), None, answered=True)

    @pytest.mark.parametrize("end", ["its lease runs out", "it releases its claim"])
    async def test_who_finished_it_publishes_the_reply_as_long_as_it_lives(
        self, world: JournalWorld, end: str
    ) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        held = await sent(mine)
        await mine.finish(held.ticket, final(), received())
        for asked in (request(), request(offset=43)):
            assert isinstance(await theirs.claim(asked), Busy)
        if end == "it releases its claim":
            await mine.release([held.ticket])
        else:
            await world.lapse("one")
        assert await theirs.claim(request()) == Finished(State.ACCEPTED, event(), None, answered=False)

    @pytest.mark.parametrize(
        ("changes", "here"),
        [
            ({}, True),
            ({"topic_id": None}, True),  # Kafka does not tell it at present
            ({"topic_id": "topic-2"}, False),  # a topic that was recreated
            ({"timestamp_ms": 1}, False),  # the same, where Kafka tells no id
            ({"offset": 43}, False),
            ({"partition": 4}, False),
            ({"topic": "other"}, False),
        ],
    )
    async def test_a_record_that_comes_again_from_its_place_was_answered_here(
        self, world: JournalWorld, changes: dict[str, Any], here: bool
    ) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        held = await sent(mine)
        await mine.finish(held.ticket, final(), received())
        await mine.answered(SOURCE, "s-1", 1, PLACE)
        for journal in (mine, theirs):
            found = await journal.claim(request(**changes))
            assert isinstance(found, Finished)
            assert (found.answered, found.answered_here) == (True, here)

    async def test_each_duplicate_is_answered_at_its_own_place_once(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        held = await claimed(journal)
        await journal.finish(held.ticket, final(), None)
        await journal.answered(SOURCE, "s-1", 1, PLACE)
        for topic_id in ("topic-1", None):
            duplicate = replace(PLACE, offset=50, topic_id=topic_id, timestamp_ms=2 if topic_id else 3)
            for expected in (False, True, True):
                found = await journal.claim(request(place=duplicate))
                assert isinstance(found, Finished)
                assert found.answered_here is expected
                await journal.answered(SOURCE, "s-1", 1, duplicate)
        await journal.answered(SOURCE, "s-1", 2, replace(PLACE, offset=60))  # of no such revision
        found = await journal.claim(request(offset=60))
        assert isinstance(found, Finished)
        assert not found.answered_here

    @pytest.mark.parametrize("state", [State.FAILED, State.HELD])
    async def test_a_duplicate_of_what_died_gets_its_dead_letter_too(
        self, world: JournalWorld, state: State
    ) -> None:
        journal = await world.open("one")
        await died(journal, state)
        assert await journal.claim(request()) == Finished(state, event(), dead_letter().event, answered=False)

    @pytest.mark.parametrize("state", [State.ACCEPTED, State.REJECTED, State.FAILED, State.HELD])
    async def test_other_content_is_a_conflict_before_and_after_the_end(
        self, world: JournalWorld, state: State
    ) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        held = await claimed(mine)
        for journal in (mine, theirs):
            assert await journal.claim(request(content_hash=OTHER)) == Conflict()
        await mine.finish(held.ticket, final(state), None)
        await mine.answered(SOURCE, "s-1", 1, PLACE)
        for journal in (mine, theirs):
            assert await journal.claim(request(content_hash=OTHER)) == Conflict()
            assert isinstance(await journal.claim(request()), Finished)

    async def test_our_own_claim_is_resumed_with_all_that_it_has_come_to(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        first = await sent(journal)
        await journal.received(first.ticket, received(), in_doubt=False, schedule=Schedule(1, 2.5, LATER))
        assert await journal.claim(request(identity="another")) == Claimed(
            ticket=Ticket(SOURCE, "s-1", 2),
            identity="lrn-s-1",
            revision=1,
            attempts=1,
            in_doubt=False,
            first_attempt=AT,
            last_attempt=AT,
            schedule=Schedule(1, 2.5, LATER),
        )

    async def test_only_the_newest_ticket_counts(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        first, second = await claimed(journal), await claimed(journal)
        await _is_fenced(journal, first)
        await journal.sending(second.ticket, sending(), in_doubt=True)

    async def test_another_workers_claim_is_busy_while_its_lease_runs(self, world: JournalWorld) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        await sent(mine)
        busy = await theirs.claim(request())
        assert isinstance(busy, Busy)
        assert busy.owner == "one"
        assert 0 < busy.seconds_left <= 15

    async def test_a_takeover_raises_the_epoch_and_fences_every_step_of_the_old_owner(
        self, world: JournalWorld
    ) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        first = await claimed(mine)
        await world.lapse("one")
        second = await claimed(theirs)
        assert (second.ticket.epoch, second.in_doubt, second.attempts) == (2, False, 0)
        await world.renew("one")
        await _is_fenced(mine, first)
        await mine.release([first.ticket])
        await theirs.sending(second.ticket, sending(), in_doubt=True)
        await theirs.finish(second.ticket, final(), received())

    @pytest.mark.parametrize(
        ("purpose", "given", "found"),
        [("submit", True, True), ("submit", False, True), ("look-up", False, False), ("look-up", True, True)],
    )
    async def test_what_is_taken_over_while_it_was_sending_is_in_doubt(
        self, world: JournalWorld, purpose: str, given: bool, found: bool
    ) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        await sent(mine, in_doubt=given, purpose=purpose)
        await world.lapse("one")
        second = await claimed(theirs)
        assert (second.in_doubt, second.attempts) == (found, 1)
        assert (second.first_attempt, second.last_attempt) == (AT, AT)

    @pytest.mark.parametrize("outcome", ["alreadyexists", "rejected"])
    async def test_what_the_system_had_said_is_known_to_the_next_owner(
        self, world: JournalWorld, outcome: str
    ) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        held = await sent(mine)
        exists = received(outcome=outcome, status=400)
        await mine.received(held.ticket, exists, in_doubt=True, schedule=Schedule())
        await mine.sending(held.ticket, sending(2, purpose="look-up"), in_doubt=True)
        await mine.received(
            held.ticket, received(2, outcome="unknown"), in_doubt=True, schedule=Schedule(1, 1.0, LATER)
        )
        await world.lapse("one")
        first, answer = sending(), received()
        assert (await claimed(theirs)).stated == Stated(
            first.message_id, first.url, first.headers, first.request, 400, answer.headers, answer.body
        )

    @pytest.mark.parametrize(
        ("outcome", "doubt", "later"),
        [
            ("alreadyexists", False, False),
            ("rejected", False, False),
            ("unknown", True, False),
            ("alreadyexists", True, True),
        ],
    )
    async def test_only_the_last_attempt_tells_it_and_only_in_doubt(
        self, world: JournalWorld, outcome: str, doubt: bool, later: bool
    ) -> None:
        journal = await world.open("one")
        held = await sent(journal)
        await journal.received(held.ticket, received(outcome=outcome), in_doubt=doubt, schedule=Schedule())
        if later:
            await journal.sending(held.ticket, sending(2), in_doubt=True)
        again = await claimed(journal)
        assert (again.in_doubt, again.stated) == (doubt, None)

    @pytest.mark.parametrize("outcome", ["alreadyexists", "rejected"])
    async def test_a_replay_knows_only_what_the_system_has_already(
        self, world: JournalWorld, outcome: str
    ) -> None:
        journal = await world.open("one")
        held = await sent(journal)
        exists = received(outcome=outcome)
        await journal.finish(held.ticket, final(State.HELD, dead_letter=dead_letter()), exists)
        await world.mark("d-1", LetterState.REPLAYED)
        again = await claimed(journal, replay_of="d-1")
        assert (again.revision, again.in_doubt) == (2, True)
        assert (again.stated and again.stated.message_id) == ("m-1" if outcome == "alreadyexists" else None)

    async def test_doubt_outlives_further_takeovers(self, world: JournalWorld) -> None:
        for owner in ("one", "two"):
            journal = await world.open(owner)
            held = await claimed(journal)
            if owner == "one":
                await journal.sending(held.ticket, sending(), in_doubt=True)
            await world.lapse(owner)
        assert (await claimed(await world.open("three"))).in_doubt

    async def test_a_released_claim_is_anybodys_without_doubt(self, world: JournalWorld) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        first = await claimed(mine)
        await mine.release([first.ticket])
        await _is_fenced(mine, first)
        second = await claimed(theirs)
        assert (second.ticket.epoch, second.in_doubt) == (2, False)

    async def test_what_is_released_in_sending_is_in_doubt_for_its_next_owner(
        self, world: JournalWorld
    ) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        held = await sent(mine)
        await mine.release([held.ticket])
        with pytest.raises(Fenced):
            await mine.finish(held.ticket, final(), received())
        assert (await claimed(theirs)).in_doubt

    async def test_several_are_released_at_once_and_what_is_nobodys_is_passed_by(
        self, world: JournalWorld
    ) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        tickets = [(await claimed(mine, name)).ticket for name in ("s-1", "s-2")]
        await mine.release([*tickets, Ticket(SOURCE, "unknown", 1)])
        await mine.release([])
        for name in ("s-1", "s-2"):
            assert isinstance(await theirs.claim(request(name)), Claimed)

    async def test_an_old_ticket_releases_nothing(self, world: JournalWorld) -> None:
        mine, theirs = await world.open("one"), await world.open("two")
        first, _ = await claimed(mine), await claimed(mine)
        await mine.release([first.ticket])
        assert isinstance(await theirs.claim(request()), Busy)

    async def test_many_claims_at_once_leave_one_valid_ticket(self, world: JournalWorld) -> None:
        journal = await world.open("one")
        results = await asyncio.gather(*(claimed(journal) for _ in range(4)))
        assert sorted(result.ticket.epoch for result in results) == [1, 2, 3, 4]
        newest = max(results, key=lambda result: result.ticket.epoch)
        await journal.sending(newest.ticket, sending(), in_doubt=True)


async def _is_fenced(journal, held: Claimed) -> None:
    for step in (
        journal.sending(held.ticket, sending(9), in_doubt=True),
        journal.received(held.ticket, None, in_doubt=False, schedule=Schedule()),
        journal.finish(held.ticket, final(), None),
    ):
        with pytest.raises(Fenced):
            await step
