"""Deadlines of exchanges: one timer ends what takes too long, and nothing else."""

from __future__ import annotations

import asyncio

import pytest

from worker.transport.deadlines import Deadline, Deadlines


@pytest.fixture
def deadlines():
    return Deadlines()


async def within(deadlines, seconds, work):
    with Deadline(deadlines) as deadline:
        deadline.reschedule(asyncio.get_running_loop().time() + seconds)
        return await work


async def test_what_ends_in_time_is_returned(deadlines):
    assert await within(deadlines, 10, asyncio.sleep(0, "done")) == "done"


async def test_what_takes_too_long_ends_in_a_timeout(deadlines):
    loop = asyncio.get_running_loop()
    began = loop.time()
    with pytest.raises(TimeoutError):
        await within(deadlines, 0.05, asyncio.sleep(10))
    assert 0.05 <= loop.time() - began < 5
    await asyncio.sleep(0)  # and nothing is left of the cancellation


async def test_without_a_time_nothing_ends(deadlines):
    with Deadline(deadlines) as deadline:
        await asyncio.sleep(0.01)
    assert not deadline.expired


async def test_each_has_its_own_time(deadlines):
    late = asyncio.create_task(within(deadlines, 10, asyncio.sleep(0.1, "late")))
    await asyncio.sleep(0)
    with pytest.raises(TimeoutError):
        await within(deadlines, 0.02, asyncio.sleep(10))
    assert await late == "late"


async def test_several_end_at_the_same_time(deadlines):
    when = asyncio.get_running_loop().time() + 0.02

    async def one():
        with Deadline(deadlines) as deadline:
            deadline.reschedule(when)
            await asyncio.sleep(10)

    ended = await asyncio.gather(one(), one(), return_exceptions=True)
    assert [type(error) for error in ended] == [TimeoutError, TimeoutError]


async def test_the_timer_comes_again_for_those_that_began_later(deadlines):
    first = asyncio.create_task(within(deadlines, 0.03, asyncio.sleep(10)))
    await asyncio.sleep(0.01)
    second = asyncio.create_task(within(deadlines, 0.06, asyncio.sleep(10)))
    ended = await asyncio.gather(first, second, return_exceptions=True)
    assert [type(error) for error in ended] == [TimeoutError, TimeoutError]


async def test_the_timer_of_one_that_ended_in_time_serves_the_next(deadlines):
    loop = asyncio.get_running_loop()
    await within(deadlines, 0.02, asyncio.sleep(0))
    began = loop.time()
    with pytest.raises(TimeoutError):
        await within(deadlines, 0.05, asyncio.sleep(10))
    assert loop.time() - began >= 0.05


@pytest.mark.parametrize(("first", "then"), [(0.02, 0.1), (10, 0.1)], ids=["later", "earlier"])
async def test_a_time_that_moves(deadlines, first, then):
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def moved():
        with Deadline(deadlines) as deadline:
            deadline.reschedule(began + first)
            deadline.reschedule(began + then)
            await asyncio.sleep(10)

    with pytest.raises(TimeoutError):
        await moved()
    assert then <= loop.time() - began < 5


async def test_one_that_has_expired_moves_no_more(deadlines):
    async def moved_at_its_end():
        with Deadline(deadlines) as deadline:
            deadline.reschedule(asyncio.get_running_loop().time())
            try:
                await asyncio.sleep(10)
            finally:
                deadline.reschedule(asyncio.get_running_loop().time() + 10)

    with pytest.raises(TimeoutError):
        await moved_at_its_end()
    assert not deadlines._running


async def test_a_task_that_others_cancel_ends_as_they_want(deadlines):
    task = asyncio.create_task(within(deadlines, 10, asyncio.sleep(10)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not deadlines._running


async def test_a_task_that_others_cancel_as_well_ends_as_they_want(deadlines):
    async def cancelled_within():
        with Deadline(deadlines) as deadline:
            deadline.expire()
            task.cancel()
            await asyncio.sleep(10)

    task = asyncio.create_task(cancelled_within())
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_another_error_stays_what_it_is(deadlines):
    async def fails():
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            raise ConnectionError("lost") from None

    with pytest.raises(ConnectionError, match="lost"):
        await within(deadlines, 0.02, fails())
    await asyncio.sleep(0)
