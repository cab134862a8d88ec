"""Computing beside the event loop: little at once, much in a thread, one after another."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from worker.pipeline.aside import LARGE, Aside


async def test_little_is_computed_at_once_and_much_in_another_thread() -> None:
    aside = Aside()
    assert await aside.run(LARGE, threading.get_ident) == threading.get_ident()
    assert await aside.run(LARGE + 1, threading.get_ident) != threading.get_ident()


async def test_the_event_loop_goes_on_meanwhile_and_one_computation_waits_for_the_other() -> None:
    aside, running, most = Aside(), 0, 0
    may_end = threading.Event()

    def compute() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        assert may_end.wait(10)
        time.sleep(0.001)  # so that another, were there one, would be seen
        running -= 1

    work = [asyncio.create_task(aside.run(LARGE + 1, compute)) for _ in range(3)]
    await asyncio.sleep(0)
    may_end.set()  # reached only because the loop goes on
    await asyncio.gather(*work)
    assert most == 1


async def test_what_it_raises_is_raised() -> None:
    def fails() -> None:
        raise ZeroDivisionError

    for size in (1, LARGE + 1):
        with pytest.raises(ZeroDivisionError):
            await Aside().run(size, fails)
