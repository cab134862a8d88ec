"""The loop and the task that run are asyncio's own, whichever loops ran before, in any thread and after a fork."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import uvloop

from worker.event_loop import current_task, running_loop

if TYPE_CHECKING:
    from collections.abc import Callable

LOOPS = [asyncio.new_event_loop, uvloop.new_event_loop]


async def _those_of_asyncio() -> tuple[asyncio.AbstractEventLoop, asyncio.Task[Any] | None]:
    loop, task = running_loop(), current_task()
    assert loop is asyncio.get_running_loop()
    assert task is asyncio.current_task()
    assert task is not None
    return loop, task


def _run(new_loop: Callable[[], asyncio.AbstractEventLoop]) -> asyncio.AbstractEventLoop:
    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(_those_of_asyncio())[0]


@pytest.mark.parametrize("new_loop", LOOPS)
def test_each_run_has_its_own_loop(new_loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    """A loop that ran before is not taken for the one that runs now."""
    loops = [_run(new_loop) for _ in range(3)]
    assert len({id(loop) for loop in loops}) == len(loops)


@pytest.mark.parametrize("new_loop", LOOPS)
def test_no_loop_runs_before_and_after(new_loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    """Outside a loop, the question is refused as asyncio refuses it, also where one ran in this thread."""
    _run(new_loop)
    with pytest.raises(RuntimeError):
        running_loop()
    with pytest.raises(RuntimeError):
        current_task()


async def test_each_task_sees_itself() -> None:
    """Tasks of one loop do not see each other."""
    seen = await asyncio.gather(*(asyncio.create_task(_those_of_asyncio()) for _ in range(3)))
    assert len({id(task) for _, task in seen}) == len(seen)


async def test_a_callback_runs_in_no_task() -> None:
    """What the loop calls itself has no task."""
    told: asyncio.Future[object] = running_loop().create_future()
    running_loop().call_soon(lambda: told.set_result(current_task()))
    assert await told is None


@pytest.mark.parametrize("new_loop", LOOPS)
async def test_each_thread_has_its_own_loop(new_loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    """A loop in another thread is not this one, and a thread without one has none while this one runs."""
    here = running_loop()
    with ThreadPoolExecutor(1) as thread:
        there = await here.run_in_executor(thread, _run, new_loop)
        assert there is not here
        with pytest.raises(RuntimeError):
            await here.run_in_executor(thread, running_loop)
    assert running_loop() is here


def test_a_forked_process_does_not_run_its_parents_loop() -> None:
    """A fork inside a running loop leaves the child without one, as asyncio says too."""

    async def forked() -> tuple[int, bytes]:
        assert running_loop().is_running()
        return _told_by_a_child()

    child, told = asyncio.run(forked())
    os.waitpid(child, 0)
    assert told == b"none"


def _told_by_a_child() -> tuple[int, bytes]:
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            running_loop()
            os.write(write, b"the loop of the parent")
        except RuntimeError:
            os.write(write, b"none")
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as told:
        return child, told.read()
