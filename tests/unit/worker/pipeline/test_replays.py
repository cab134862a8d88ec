"""A replayed record goes its way again as the next revision, and no copy of it goes further."""

from __future__ import annotations

import pytest

from contracts.dead_letters import replay_headers
from tests.support.fakes.journal import MemoryJournalStore
from tests.support.fakes.one_delivery import ABSENT, BLOCKED, EXISTS
from tests.support.fakes.one_worker import Worker, record
from tests.support.fakes.ports import FakeClock, lost, unsent
from tests.unit.worker.pipeline.test_engine import ACCEPTED, INVALID
from worker.journal.claims import LetterState
from worker.pipeline.ports import State
from worker.systems.port import Recovery

LETTER = "0f0c7d0e-6a0e-5d0b-8f3c-0d6c4a9e2b11"


def died(worker):
    """Name the dead letter of the one submission as real ones are named, and order its replay."""
    (entry,) = worker.store.entries.values()
    letter = entry.final.dead_letter
    object.__setattr__(letter, "id", LETTER)
    worker.store.letters[LETTER] = LetterState.REPLAYED
    return entry


def long_lease():
    return MemoryJournalStore(FakeClock(runs=True), lease_seconds=1_000_000)


async def replay(worker, offset=1):
    taken = record(offset)
    object.__setattr__(taken, "headers", replay_headers((), LETTER, 1))
    await worker.engine.process(taken, worker.shutdown)


async def test_what_failed_is_sent_as_the_next_revision():
    worker = Worker(BLOCKED, ACCEPTED)
    await worker.process()
    entry = died(worker)
    assert entry.in_doubt is False

    await replay(worker)

    assert worker.texts[-1] == b"accepted revision 2 attempts 2 "
    assert len({one.identity for one in worker.system.sent}) == 1
    assert entry.first_attempt == entry.last_attempt


async def test_a_second_copy_gets_the_answer_of_the_first():
    worker = Worker(BLOCKED, ACCEPTED)
    await worker.process()
    died(worker)
    await replay(worker)
    await replay(worker, offset=2)
    await worker.process(offset=3)

    assert worker.texts[1:] == [b"accepted revision 2 attempts 2 "] * 3


async def test_neither_the_replay_nor_the_record_that_it_replays_is_answered_twice():
    worker = Worker(BLOCKED, ACCEPTED)
    await worker.process()
    died(worker)
    await replay(worker)
    published = list(worker.replies.events)

    await worker.process()
    await replay(worker)

    assert worker.replies.events == published
    assert worker.texts[1:] == [b"accepted revision 2 attempts 2 "]
    assert len(worker.system.sent) == 2


@pytest.mark.parametrize("state", [LetterState.OPEN, LetterState.DISCARDED, LetterState.SETTLED])
async def test_a_header_that_nobody_ordered_opens_nothing(state):
    worker = Worker(BLOCKED)
    await worker.process()
    died(worker)
    worker.store.letters[LETTER] = state

    await replay(worker)

    assert worker.texts[0] == worker.texts[1]
    assert len(worker.system.sent) == 1


async def test_what_is_in_doubt_and_may_not_be_repeated_is_held_again():
    worker = Worker(lost(), recovery=Recovery.HOLD, looks_up=False)
    await worker.process()
    assert died(worker).in_doubt is True

    await replay(worker)

    assert worker.texts[-1] == b"held revision 2 attempts 1 outcome-unknown"
    assert len(worker.system.sent) == 1


@pytest.mark.parametrize(("shown", "state"), [(ACCEPTED, b"accepted"), (ABSENT, b"held")])
async def test_a_replay_of_what_may_not_be_repeated_asks_what_the_system_has(shown, state):
    worker = Worker(lost(), recovery=Recovery.HOLD)
    worker.system.look_ups = [ABSENT, shown]
    await worker.process()
    assert died(worker).state is State.HELD

    await replay(worker)

    assert worker.texts[-1].startswith(state + b" revision 2")
    assert (len(worker.system.sent), len(worker.system.asked)) == (1, 2)


async def test_a_replay_of_what_the_system_had_already_asks_and_never_sends():
    worker = Worker(EXISTS)
    worker.system.look_ups = [BLOCKED, ACCEPTED]
    await worker.process()
    assert died(worker).state is State.HELD

    await replay(worker)

    assert worker.texts[-1].startswith(b"accepted revision 2")
    assert worker.system.doubted == [EXISTS, EXISTS]
    assert len(worker.system.sent) == 1


async def test_what_is_in_doubt_and_may_be_repeated_is_sent_under_its_identity():
    worker = Worker(*[lost()] * 40, store=long_lease())
    await worker.process()
    entry = died(worker)
    assert entry.state is State.HELD
    worker.system.submits = [ACCEPTED]

    await replay(worker)

    assert worker.texts[-1].startswith(b"accepted revision 2")
    assert len({one.identity for one in worker.system.sent}) == 1


async def test_the_time_for_retries_begins_anew():
    worker = Worker(*[unsent()] * 40, store=long_lease())
    await worker.process()
    entry = died(worker)
    tried, worker.system.submits = entry.attempts, [unsent(), ACCEPTED]

    await replay(worker)

    assert entry.attempts == tried + 2
    assert worker.texts[-1].startswith(b"accepted revision 2")


async def test_what_could_not_be_taken_is_named_anew():
    worker = Worker(read=INVALID)
    await worker.process()
    entry = died(worker)
    assert entry.request.signer == "doctor-9"
    fit = Worker(ACCEPTED, store=worker.store)

    await replay(fit)

    assert fit.texts == [b"accepted revision 2 attempts 1 "]
    assert (entry.request.signer, entry.request.operation) == ("doctor-1", "thing.do")
