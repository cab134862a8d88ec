"""Places for exchanges: bounded for all and for one signer, given back however it ends, and given up in a shutdown."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from tests.support.fakes.ports import settle
from worker.pipeline.admission.concurrency import ConcurrencyLimits
from worker.pipeline.shutdown import Released, Shutdown


@asynccontextmanager
async def place(places: ConcurrencyLimits, signer: str, shutdown: Shutdown) -> AsyncIterator[None]:
    """Hold a place as an exchange does: the signer's, then one of all."""
    async with AsyncExitStack() as stack:
        for one in (places.of_signer(signer), places.of_remote(signer), places.of_all):
            if one is not None:
                await one.acquire(shutdown)
                stack.callback(one.release)
        yield


async def hold(
    places: ConcurrencyLimits, signer: str, held: list[str], shutdown: Shutdown, until: asyncio.Event
) -> None:
    async with place(places, signer, shutdown):
        held.append(signer)
        await until.wait()


async def test_one_signer_leaves_room_for_the_others() -> None:
    places, held, done, shutdown = ConcurrencyLimits(4, 2), list[str](), asyncio.Event(), Shutdown()
    tasks = [asyncio.create_task(hold(places, name, held, shutdown, done)) for name in ["a"] * 5 + ["b"] * 5]
    await settle()
    assert sorted(held) == ["a", "a", "b", "b"]
    done.set()
    await asyncio.gather(*tasks)
    assert sorted(held) == ["a"] * 5 + ["b"] * 5


async def test_signers_at_providers_together_leave_room_for_the_others() -> None:
    places = ConcurrencyLimits(4, 4, remote=2, remote_signers=["far-1", "far-2"])
    held, done, shutdown = list[str](), asyncio.Event(), Shutdown()
    names = ["far-1"] * 5 + ["far-2"] * 5 + ["near"] * 2
    tasks = [asyncio.create_task(hold(places, name, held, shutdown, done)) for name in names]
    await settle()
    assert sorted(held) == ["far-1", "far-1", "near", "near"]
    done.set()
    await asyncio.gather(*tasks)
    assert sorted(held) == sorted(names)


async def test_a_place_comes_back_from_an_exchange_that_failed() -> None:
    places, shutdown = ConcurrencyLimits(1, 1), Shutdown()
    with pytest.raises(ValueError, match="broken"):
        async with place(places, "a", shutdown):
            raise ValueError("broken")
    async with asyncio.timeout(1), place(places, "b", shutdown):
        pass


async def test_what_waits_is_released_when_the_worker_shuts_down() -> None:
    places, shutdown = ConcurrencyLimits(1, 1), Shutdown()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(place(places, "a", shutdown))
        waiting = [
            asyncio.create_task(hold(places, name, [], shutdown, asyncio.Event())) for name in ("a", "b")
        ]
        await settle()
        shutdown.drain()
        for one in waiting:
            with pytest.raises(Released):
                await one
    async with asyncio.timeout(1), place(places, "b", Shutdown()):
        pass


@pytest.mark.parametrize("turns", range(6))
async def test_no_place_is_lost_by_a_wait_that_is_cancelled_at_any_moment(turns: int) -> None:
    places, shutdown, done = ConcurrencyLimits(1, 1), Shutdown(), asyncio.Event()
    first = asyncio.create_task(hold(places, "a", [], shutdown, done))
    await settle()
    second = asyncio.create_task(hold(places, "b", [], shutdown, asyncio.Event()))
    await settle()
    done.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    second.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    async with asyncio.timeout(1), place(places, "c", shutdown):
        pass


async def test_a_source_that_floods_leaves_room_for_another_and_is_forgotten() -> None:
    places, shutdown, done = ConcurrencyLimits(4, 4, 2), Shutdown(), asyncio.Event()
    held: list[str] = []

    async def hold(source: str) -> None:
        one = places.of_source(source)
        await one.acquire(shutdown)
        held.append(source)
        await done.wait()
        one.release()

    tasks = [asyncio.create_task(hold(source)) for source in ("a", "a", "a", "b")]
    await settle()
    assert held == ["a", "a", "b"]
    done.set()
    await asyncio.gather(*tasks)
    del tasks
    gc.collect()
    assert held == ["a", "a", "b", "a"]
    assert not places._of_source
