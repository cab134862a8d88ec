"""Computing beside the event loop: what is about many bytes, in a thread of its own."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Kind = TypeVar("Kind")
LARGE = 32 * 1024
"""Bytes that are read on the event loop."""


class Beside:
    """Computes at once what is about few bytes, and the rest in a thread, one after another.

    The thread is not one of the event loop's default pool: look-ups of host names would wait behind it.
    """

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def run(self, size: int, compute: Callable[[], Kind]) -> Kind:
        """Return what a computation about this many bytes returns, or raise what it raises."""
        if size <= LARGE:
            return compute()
        return await asyncio.get_running_loop().run_in_executor(self._thread, compute)

    def close(self) -> None:
        """End the thread after its current computation; those that still wait are cancelled."""
        self._thread.shutdown(wait=False, cancel_futures=True)
