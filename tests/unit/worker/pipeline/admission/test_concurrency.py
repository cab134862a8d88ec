"""Places for exchanges: bounded for all and for one signer, given back however it ends, and left when leaving."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from tests.support.fakes.ports import settle
from worker.pipeline.admission.concurrency import Slots
from worker.pipeline.shutdown import HandedBack, Leaving


@asynccontextmanager
async def place(slots: Slots, signer: str, leaving: Leaving) -> AsyncIterator[None]:
    """Hold a place as an exchange does: the signer's, then one of all."""
    async with slots.of_signer(signer, leaving), slots.of_all(leaving):
        yield


async def hold(slots: Slots, signer: str, held: list[str], leaving: Leaving, until: asyncio.Event) -> None:
    async with place(slots, signer, leaving):
        held.append(signer)
        await until.wait()


async def test_one_signer_leaves_room_for_the_others() -> None:
    slots, held, done, leaving = Slots(4, 2), list[str](), asyncio.Event(), Leaving()
    tasks = [asyncio.create_task(hold(slots, name, held, leaving, done)) for name in ["a"] * 5 + ["b"] * 5]
    await settle()
    assert sorted(held) == ["a", "a", "b", "b"]
    done.set()
    await asyncio.gather(*tasks)
    assert sorted(held) == ["a"] * 5 + ["b"] * 5


async def test_a_place_comes_back_from_an_exchange_that_failed() -> None:
    slots, leaving = Slots(1, 1), Leaving()
    with pytest.raises(ValueError, match="broken"):
        async with place(slots, "a", leaving):
            raise ValueError("broken")
    async with asyncio.timeout(1), place(slots, "b", leaving):
        pass


async def test_whoever_waits_is_handed_back_when_the_worker_leaves() -> None:
    slots, leaving = Slots(1, 1), Leaving()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(place(slots, "a", leaving))
        waiting = [
            asyncio.create_task(hold(slots, name, [], leaving, asyncio.Event())) for name in ("a", "b")
        ]
        await settle()
        leaving.leave()
        for one in waiting:
            with pytest.raises(HandedBack):
                await one
    async with asyncio.timeout(1), place(slots, "b", Leaving()):
        pass


@pytest.mark.parametrize("turns", range(6))
async def test_no_place_is_lost_by_a_wait_that_is_cancelled_at_any_moment(turns: int) -> None:
    slots, leaving, done = Slots(1, 1), Leaving(), asyncio.Event()
    first = asyncio.create_task(hold(slots, "a", [], leaving, done))
    await settle()
    second = asyncio.create_task(hold(slots, "b", [], leaving, asyncio.Event()))
    await settle()
    done.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    second.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    async with asyncio.timeout(1), place(slots, "c", leaving):
        pass
