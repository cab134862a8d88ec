"""Computing beside the event loop: the texts of large events and answers take up to a second each."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Kind = TypeVar("Kind")
LARGE = 32 * 1024
"""Bytes that may be read on the event loop: the most costly texts of this size take some 50 milliseconds."""


class Aside:
    """Computes at once what is about few bytes, and the rest in a thread, one computation after another.

    It is one at a time, because each further thread that computes makes the event loop wait longer for the interpreter
    lock, and because look-ups of host names need the other threads of the pool.
    """

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def run(self, size: int, compute: Callable[[], Kind]) -> Kind:
        """Return what a computation about this many bytes returns, or raise what it raises."""
        if size <= LARGE:
            return compute()
        async with self._turn:
            return await asyncio.to_thread(compute)
