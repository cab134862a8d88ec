"""Turns by a rate: a burst of one second's requests, then one after the other; per signer, and for all."""

from __future__ import annotations

import asyncio
import time

import pytest

from worker.pipeline.admission.rate_limit import RateLimits
from worker.pipeline.shutdown import Released, Shutdown


async def _turn(rates: RateLimits, signer: str, shutdown: Shutdown) -> None:
    """Take a turn as an exchange does: the signer's, then one of all."""
    await rates.of_signer(signer, shutdown)
    await rates.of_all(shutdown)


async def _seconds(rates: RateLimits, *signers: str) -> float:
    begun = time.monotonic()
    await asyncio.gather(*(_turn(rates, signer, Shutdown()) for signer in signers))
    return time.monotonic() - begun


async def test_without_a_limit_nobody_waits() -> None:
    assert await _seconds(RateLimits(None, None), *["a"] * 500) < 0.5


async def test_more_than_a_seconds_requests_wait_for_their_turn() -> None:
    rates = RateLimits(50, None)
    assert await _seconds(rates, *["a", "b"] * 25) < 0.5
    assert await _seconds(rates, *["a", "b"] * 10) >= 0.35


async def test_one_signers_limit_is_not_the_others() -> None:
    rates = RateLimits(None, 20)
    await _seconds(rates, *["a"] * 20)
    slow = asyncio.create_task(_seconds(rates, *["a"] * 10))
    await _seconds(rates, *["b"] * 20)
    assert not slow.done()
    assert await slow >= 0.4


async def test_less_than_one_a_second_is_a_rate_too() -> None:
    rates = RateLimits(0.5, None)
    await _turn(rates, "a", Shutdown())
    waiting = asyncio.create_task(_turn(rates, "a", Shutdown()))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    waiting.cancel()


async def test_what_waits_is_released_when_the_worker_shuts_down() -> None:
    rates, shutdown = RateLimits(1, None), Shutdown()
    await _turn(rates, "a", shutdown)
    waiting = asyncio.create_task(_turn(rates, "a", shutdown))
    await asyncio.sleep(0)
    shutdown.drain()
    with pytest.raises(Released):
        await waiting
