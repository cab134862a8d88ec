"""A worker shuts down, gracefully or immediately, or finds that it was overtaken."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import NoReturn

import pytest

from tests.support.fakes.one_delivery import (
    ACCEPTED,
    EXISTS,
    HOLD,
    LOOK,
    REPEAT,
    SAME,
    Engine,
    MakeEngine,
    names,
)
from tests.support.fakes.ports import NOON, LateAnswer, Reaction, retry, settle, unknown
from worker.outcome import (
    Outcome,
)
from worker.pipeline.exchange import UNSENT
from worker.pipeline.ports import Fenced, Sending, State, Ticket
from worker.pipeline.shutdown import Released
from worker.systems.port import Prepared, Recovery


async def test_a_shutdown_before_anything_begins_sends_nothing(engine: MakeEngine) -> None:
    one = engine(SAME)
    one.shutdown.drain()

    with pytest.raises(Released):
        await one.run()

    assert one.log == ["claim"]


@pytest.mark.parametrize("reaction", [retry(), unknown()], ids=names)
async def test_a_shutdown_during_the_wait_releases_it_with_its_schedule(
    engine: MakeEngine, reaction: Reaction
) -> None:
    one = engine(SAME, reaction, runs=False)
    await one.shut_down_at_rest()

    assert one.entry.state is State.CLAIMED
    assert one.entry.schedule.due == NOON + timedelta(seconds=1)
    assert len(one.entry.got) == 1
    assert one.clock.sleeping == 0


async def test_a_shutdown_during_the_wait_of_an_earlier_worker_releases_it(engine: MakeEngine) -> None:
    one = engine(SAME, retry(), runs=False)
    await one.shut_down_at_rest()
    two = one.next_worker()
    await two.shut_down_at_rest()

    assert two.system.sent == []


async def test_a_graceful_shutdown_lets_the_exchange_finish(engine: MakeEngine) -> None:
    slow = LateAnswer()
    one = engine(SAME, slow)
    run = asyncio.create_task(one.run())
    await settle()
    one.shutdown.drain()
    await settle()
    assert not run.done()
    slow.answer.set_result(ACCEPTED)

    assert (await run).state is State.ACCEPTED


async def _never(_: Prepared) -> Outcome:
    await asyncio.Event().wait()
    raise AssertionError


async def _abort(one: Engine) -> asyncio.Task[object]:
    """Start, shut down while the exchange is in flight, and cancel as the window does after its drain time."""
    run: asyncio.Task[object] = asyncio.create_task(one.run())
    await settle()
    assert one.log[-1].startswith("sent")
    one.shutdown.abort()
    run.cancel()
    await settle()
    return run


async def test_an_aborted_exchange_is_journaled_as_unknown_and_released(engine: MakeEngine) -> None:
    one = engine(SAME, _never)
    run = await _abort(one)

    with pytest.raises(Released):
        await run

    assert one.log[-1] == "received 1 unknown doubt=True"
    assert one.entry.state is State.CLAIMED
    assert one.entry.got["m-1"].status is None
    assert (await one.next_worker(ACCEPTED).run()).state is State.ACCEPTED


async def test_an_aborted_read_is_released_without_doubt(engine: MakeEngine) -> None:
    one = engine(REPEAT, _never)
    run = await _abort(one)

    with pytest.raises(Released):
        await run

    assert one.log[-1] == "received 1 unknown doubt=False"


async def test_an_aborted_exchange_under_hold_ends_as_held(engine: MakeEngine) -> None:
    one = engine(HOLD, _never)
    one.system.can_look_up = False
    run = await _abort(one)
    await run

    assert one.entry.state is State.HELD
    assert not run.cancelling()  # the cancellation was used up: what follows may use timeouts of its own


@pytest.mark.parametrize("rule", [LOOK, HOLD])
async def test_an_aborted_exchange_is_looked_up_by_the_next_worker(
    engine: MakeEngine, rule: Recovery
) -> None:
    one = engine(rule, _never)
    run = await _abort(one)

    with pytest.raises(Released):
        await run

    assert one.log[-1] == "received 1 unknown doubt=True"
    two = one.next_worker(look_ups=(ACCEPTED,))
    assert (await two.run()).state is State.ACCEPTED
    assert two.system.sent == []


async def test_an_aborted_look_up_leaves_the_doubt(engine: MakeEngine) -> None:
    one = engine(SAME, EXISTS, look_ups=(_never,))
    run = await _abort(one)

    with pytest.raises(Released):
        await run

    assert one.log[-1] == "received 2 unknown doubt=True"


async def test_a_cancellation_that_is_no_shutdown_is_a_crash(engine: MakeEngine) -> None:
    one = engine(SAME, _never)
    run = asyncio.create_task(one.run())
    await settle()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run

    assert one.entry.state is State.SENDING
    assert one.entry.got == {}


async def test_a_cancelled_wait_leaves_nothing_asleep(engine: MakeEngine) -> None:
    one = engine(SAME, retry(), runs=False)
    run = asyncio.create_task(one.run())
    await settle()
    assert one.clock.sleeping == 1
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    await settle()

    assert one.clock.sleeping == 0


async def test_a_worker_whose_lease_ran_out_does_not_send(engine: MakeEngine) -> None:
    one = engine(SAME, ACCEPTED)
    job = await one.claim()
    one.journal.die()

    with pytest.raises(Fenced):
        await one.delivery.run(job)

    assert one.system.sent == []


async def test_a_worker_that_was_overtaken_does_not_send(engine: MakeEngine) -> None:
    one = engine(SAME, ACCEPTED)
    job = await one.claim()
    await one.next_worker().claim()
    one.journal.renew()

    with pytest.raises(Fenced):
        await one.delivery.run(job)

    assert one.system.sent == []


async def test_a_worker_that_was_overtaken_in_flight_writes_nothing_more(engine: MakeEngine) -> None:
    slow = LateAnswer()
    one = engine(SAME, slow)
    run = asyncio.create_task(one.run())
    await settle()
    two = one.next_worker(ACCEPTED)
    assert (await two.run()).state is State.ACCEPTED
    one.journal.renew()
    slow.answer.set_result(retry())

    with pytest.raises(Fenced):
        await run
    assert one.entry.state is State.ACCEPTED
    assert "m-1" not in one.entry.got


async def test_what_was_written_as_sent_when_the_lease_had_run_out_is_not_in_doubt(
    engine: MakeEngine,
) -> None:
    """The database was away for longer than the lease: the commit came through, and nothing left."""
    one = engine(HOLD, ACCEPTED)
    job = await one.claim()
    sending = one.journal.sending

    async def too_late(ticket: Ticket, attempt: Sending, *, in_doubt: bool) -> NoReturn:
        await sending(ticket, attempt, in_doubt=in_doubt)
        raise Fenced

    one.journal.sending = too_late  # type: ignore[method-assign]
    with pytest.raises(Fenced):
        await one.delivery.run(job)
    one.journal.sending = sending  # type: ignore[method-assign]

    assert (one.entry.state, one.entry.in_doubt) == (State.CLAIMED, False)
    assert [one.entry.got[sent.message_id].outcome for sent in one.entry.sent] == [UNSENT]
    assert (await one.delivery.run(await one.claim())).state is State.ACCEPTED
    assert len(one.system.sent) == 1


async def test_a_lease_that_ends_while_it_connects_keeps_everything_here(engine: MakeEngine) -> None:
    one = engine(HOLD, ACCEPTED)
    job = await one.claim()

    async def slow() -> None:
        one.journal.die()

    one.system.connecting = slow
    with pytest.raises(Fenced):
        await one.delivery.run(job)

    assert one.system.sent == []
    assert (one.entry.state, one.entry.in_doubt) == (State.CLAIMED, False)
    assert [one.entry.got[sent.message_id].outcome for sent in one.entry.sent] == [UNSENT]


async def test_one_that_is_aborted_while_it_connects_was_not_sent(engine: MakeEngine) -> None:
    one = engine(HOLD, ACCEPTED)
    one.system.connecting = asyncio.Event().wait
    run = asyncio.create_task(one.run())
    await settle()
    one.shutdown.abort()
    run.cancel()
    with pytest.raises(Released):
        await run

    assert (one.entry.state, one.entry.in_doubt) == (State.CLAIMED, False)
    assert one.log[-1] == "received 1 retry doubt=False"
    assert (await one.next_worker(ACCEPTED).run()).state is State.ACCEPTED
