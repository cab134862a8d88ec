"""How a submission in work learns that its worker is leaving: first gently, then at once."""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar

T = TypeVar("T")


class HandedBack(Exception):
    """The submission was put down unfinished and in a safe state; another worker will take it up."""


class Leaving:
    """Two levels: `gentle` (finish what is on the wire, start nothing new) and `now` (abandon the wire too)."""

    def __init__(self) -> None:
        self.gentle = asyncio.Event()
        self.now = asyncio.Event()

    def leave(self) -> None:
        """Ask for the gentle way."""
        self.gentle.set()

    def abandon(self) -> None:
        """Ask for the immediate way."""
        self.gentle.set()
        self.now.set()


async def until(what: asyncio.Future[T], leaving: Leaving) -> T:
    """Wait for the future and return its result; cancel it and raise HandedBack where the worker leaves first."""
    leave: asyncio.Future[Any] = asyncio.ensure_future(leaving.gentle.wait())
    try:
        await asyncio.wait([what, leave], return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        what.cancel()
        raise
    finally:
        leave.cancel()
    if what.done():
        return what.result()
    what.cancel()
    raise HandedBack
