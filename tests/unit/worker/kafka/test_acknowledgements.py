"""Waits for acknowledgements: one timer ends all that take too long, and nothing else does."""

from __future__ import annotations

import asyncio

import pytest

from worker.kafka.acknowledgements import Acknowledgements


def acknowledgement() -> asyncio.Future[str]:
    return asyncio.get_running_loop().create_future()


async def test_returns_what_the_acknowledgement_says():
    given = acknowledgement()
    waiting = asyncio.create_task(Acknowledgements(10).wait(given))
    await asyncio.sleep(0)
    given.set_result("at offset 7")
    assert await waiting == "at offset 7"


async def test_one_that_is_there_already_is_not_waited_for():
    given = acknowledgement()
    given.set_result("at offset 7")
    assert await Acknowledgements(0.0).wait(given) == "at offset 7"


async def test_raises_what_the_acknowledgement_raises():
    given = acknowledgement()
    given.set_exception(ConnectionError("lost"))
    with pytest.raises(ConnectionError, match="lost"):
        await Acknowledgements(10).wait(given)


async def test_ends_a_wait_that_takes_too_long():
    given = acknowledgement()
    with pytest.raises(TimeoutError):
        await Acknowledgements(0.01).wait(given)
    assert given.cancelled()


async def test_each_has_its_own_time():
    acknowledgements, first, second = Acknowledgements(0.2), acknowledgement(), acknowledgement()
    early = asyncio.create_task(acknowledgements.wait(first))
    await asyncio.sleep(0.1)
    late = asyncio.create_task(acknowledgements.wait(second))
    with pytest.raises(TimeoutError):
        await early
    assert not late.done()
    second.set_result("in time")
    assert await late == "in time"


async def test_the_timer_comes_again_for_what_was_waited_for_later():
    acknowledgements = Acknowledgements(0.02)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            await acknowledgements.wait(acknowledgement())


async def test_one_that_ended_in_time_ends_no_later_one():
    acknowledgements, first = Acknowledgements(0.5), acknowledgement()
    early = asyncio.create_task(acknowledgements.wait(first))
    await asyncio.sleep(0.3)
    first.set_result("in time")
    assert await early == "in time"
    second = acknowledgement()
    late = asyncio.create_task(acknowledgements.wait(second))
    await asyncio.sleep(0.3)
    assert not late.done()
    late.cancel()


async def test_a_cancelled_task_stays_cancelled():
    given = acknowledgement()
    waiting = asyncio.create_task(Acknowledgements(10).wait(given))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_an_acknowledgement_that_somebody_else_cancelled_is_no_timeout():
    given = acknowledgement()
    waiting = asyncio.create_task(Acknowledgements(10).wait(given))
    await asyncio.sleep(0)
    given.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
