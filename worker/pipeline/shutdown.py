"""How a submission in progress learns that its worker shuts down: gracefully first, then immediately."""

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

    def drain(self) -> None:
        """Ask for the graceful shutdown."""
        self.draining.set()

    def abort(self) -> None:
        """Ask for the immediate shutdown."""
        self.draining.set()
        self.aborted.set()


async def until(future: asyncio.Future[T], shutdown: Shutdown) -> T:
    """Wait for the future and return its result; cancel it and raise Released where the shutdown begins first."""
    draining: asyncio.Future[Any] = asyncio.ensure_future(shutdown.draining.wait())
    try:
        await asyncio.wait([future, draining], return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        future.cancel()
        raise
    finally:
        draining.cancel()
    if future.done():
        return future.result()
    future.cancel()
    raise Released
