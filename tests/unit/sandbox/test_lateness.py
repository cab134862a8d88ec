"""Lateness: what a stand-in on a busy machine says of the time for which a request may have waited."""

from __future__ import annotations

import asyncio
import time

from sandbox.lateness import TICK, Lateness

BUSY = 0.5


async def test_before_it_is_watched_nothing_is_late():
    assert Lateness().seconds() == 0.0


async def test_a_busy_loop_is_late_at_once_and_for_the_turns_that_follow():
    lateness = Lateness()
    watching = asyncio.create_task(lateness.watch())
    await asyncio.sleep(0)

    time.sleep(TICK + BUSY)  # noqa: ASYNC251 - this is what a busy loop does
    at_once = lateness.seconds()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    in_the_next_turn = lateness.seconds()

    assert at_once >= BUSY
    assert in_the_next_turn >= BUSY
    async with asyncio.timeout(30):
        while lateness.seconds() >= BUSY:  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(TICK)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
