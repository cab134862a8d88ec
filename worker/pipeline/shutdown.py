"""How a submission in progress learns that its worker shuts down: gracefully first, then immediately.

And how an exception that tells its task to end is distinguished from a defect.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from worker.pipeline.flood.causes import Hold

T = TypeVar("T")


class Released(Exception):
    """The submission was released unfinished, in a safe state; another worker will resume it."""


class SetAside(Released):
    """The same, and its party's submissions wait: it is read again when they need no longer."""

    def __init__(self, hold: Hold) -> None:
        super().__init__()
        self.hold = hold


class Shutdown:
    """Two levels: `draining` (finish what is in flight, start nothing new) and `aborted` (give that up as well)."""

    def __init__(self) -> None:
        self.draining = asyncio.Event()
        self.aborted = asyncio.Event()
        self.waits: set[asyncio.Future[Any]] = set()
        """What is waited for until the shutdown begins (see `until`): thousands of submissions wait at a time, and a
        task for each, which waits for `draining`, would cost more than the wait."""

    def drain(self) -> None:
        """Ask for the graceful shutdown."""
        self.draining.set()
        for future in tuple(self.waits):
            future.cancel()

    def abort(self) -> None:
        """Ask for the immediate shutdown."""
        self.drain()
        self.aborted.set()


def ends_task(error: BaseException, task: asyncio.Task[Any] | None) -> bool:
    """Whether an exception that was raised in a task tells it to end. Any other exception is a defect.

    A panic of a library in Rust, for example, derives from BaseException alone, and so does the SystemExit of a library
    that wants to end the process: neither may end the work on a key without a word. A cancellation that nobody
    requested for this task is that of something it waited for. A GeneratorExit ends it only from outside, where its
    coroutine is closed.
    """
    match error:
        case KeyboardInterrupt():
            return True
        case asyncio.CancelledError():
            return task is not None and task.cancelling() > 0
        case GeneratorExit():
            return task is not None and asyncio.current_task(task.get_loop()) is not task
    return False


async def until(future: asyncio.Future[T], shutdown: Shutdown) -> T:
    """Wait for the future and return its result; cancel it and raise Released where the shutdown begins first."""
    if shutdown.draining.is_set() and not future.done():
        future.cancel()
        raise Released
    shutdown.waits.add(future)
    try:
        return await future
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if shutdown.draining.is_set() and (task is None or not task.cancelling()):
            raise Released from None
        raise
    finally:
        shutdown.waits.discard(future)
