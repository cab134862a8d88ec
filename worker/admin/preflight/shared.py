"""An answer that several checks need: it is asked for once, and where it does not come, only one check fails."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

from worker.admin.preflight.findings import NotAsked

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")


class Shared(Generic[T]):
    """Asks at the first `get`; the others get the same answer.

    ``owner``: the id of the check that reports a failure.
    """

    def __init__(self, owner: str, ask: Callable[[], Awaitable[T]], *, seconds: float) -> None:
        self._owner = owner
        self._ask = ask
        self._seconds = seconds
        self._asked: asyncio.Task[T] | None = None

    async def get(self) -> T:
        """Return the answer. Raises what asking raised, and TimeoutError."""
        if self._asked is None:
            self._asked = asyncio.create_task(self._bounded())
        return await asyncio.shield(self._asked)  # one check's deadline must not take it from the others

    async def needed(self) -> T:
        """Return the answer for a check that does not own it. Raises NotAsked where there is none."""
        try:
            return await self.get()
        except asyncio.CancelledError:
            raise
        except BaseException:  # noqa: BLE001 - the owner reports it
            raise NotAsked(f"not asked, because {self._owner} failed") from None

    async def _bounded(self) -> T:
        async with asyncio.timeout(self._seconds):
            return await self._ask()
