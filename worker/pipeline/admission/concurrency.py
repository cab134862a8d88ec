"""How many exchanges run at once: of all signers together, and of one, so that one's slow answers leave room."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from worker.pipeline.shutdown import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager

    from worker.pipeline.shutdown import Leaving


class Slots:
    """Places for exchanges with one system. Whoever waits for one has nothing written as sent."""

    def __init__(self, total: int, per_signer: int) -> None:
        self._all = asyncio.Semaphore(total)
        self._of_signer: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(per_signer))

    def of_signer(self, signer: str, leaving: Leaving) -> AbstractAsyncContextManager[None]:
        """Hold one of the signer's places. Raises HandedBack where the worker leaves before there is one."""
        return _place(self._of_signer[signer], leaving)

    def of_all(self, leaving: Leaving) -> AbstractAsyncContextManager[None]:
        """Hold one of all places. Raises HandedBack where the worker leaves before there is one."""
        return _place(self._all, leaving)


@asynccontextmanager
async def _place(places: asyncio.Semaphore, leaving: Leaving) -> AsyncIterator[None]:
    await _acquire(places, leaving)
    try:
        yield
    finally:
        places.release()


async def _acquire(places: asyncio.Semaphore, leaving: Leaving) -> None:
    if not places.locked():
        await places.acquire()
        return
    place = asyncio.ensure_future(places.acquire())
    try:
        await until(place, leaving)
    except BaseException:
        if place.done() and not place.cancelled():  # given at the same moment
            places.release()
        raise
