"""Turns by a rate: a burst of one second's requests, then one after the other; per signer, and for all."""

from __future__ import annotations

import asyncio
import time

import pytest

from worker.pipeline.admission.rate_limit import Pace
from worker.pipeline.shutdown import HandedBack, Leaving


async def _turn(pace: Pace, signer: str, leaving: Leaving) -> None:
    """Take a turn as an exchange does: the signer's, then one of all."""
    await pace.of_signer(signer, leaving)
    await pace.of_all(leaving)


async def _seconds(pace: Pace, *signers: str) -> float:
    begun = time.monotonic()
    await asyncio.gather(*(_turn(pace, signer, Leaving()) for signer in signers))
    return time.monotonic() - begun


async def test_without_a_limit_nobody_waits() -> None:
    assert await _seconds(Pace(None, None), *["a"] * 500) < 0.5


async def test_more_than_a_seconds_requests_wait_for_their_turn() -> None:
    pace = Pace(50, None)
    assert await _seconds(pace, *["a", "b"] * 25) < 0.5
    assert await _seconds(pace, *["a", "b"] * 10) >= 0.35


async def test_one_signers_limit_is_not_the_others() -> None:
    pace = Pace(None, 20)
    await _seconds(pace, *["a"] * 20)
    slow = asyncio.create_task(_seconds(pace, *["a"] * 10))
    assert await _seconds(pace, *["b"] * 20) < 0.3
    assert await slow >= 0.4


async def test_less_than_one_a_second_is_a_rate_too() -> None:
    pace = Pace(0.5, None)
    await _turn(pace, "a", Leaving())
    waiting = asyncio.create_task(_turn(pace, "a", Leaving()))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    waiting.cancel()


async def test_whoever_waits_is_handed_back_when_the_worker_leaves() -> None:
    pace, leaving = Pace(1, None), Leaving()
    await _turn(pace, "a", leaving)
    waiting = asyncio.create_task(_turn(pace, "a", leaving))
    await asyncio.sleep(0)
    leaving.leave()
    with pytest.raises(HandedBack):
        await waiting
