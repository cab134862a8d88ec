"""How many exchanges run at once: of all signers together, and of one, so that one's slow answers leave room."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from herald.worker.pipeline.leaving import HandedBack

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from herald.worker.pipeline.leaving import Leaving


class Slots:
    """Places for exchanges with one system. Whoever waits for one has nothing written as sent."""

    def __init__(self, total: int, per_signer: int) -> None:
        self._all = asyncio.Semaphore(total)
        self._of_signer: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(per_signer))

    @asynccontextmanager
    async def of_signer(self, signer: str, leaving: Leaving) -> AsyncIterator[None]:
        """Hold one of the signer's places. Raises HandedBack where the worker leaves before there is one."""
        async with _place(self._of_signer[signer], leaving):
            yield

    @asynccontextmanager
    async def of_all(self, leaving: Leaving) -> AsyncIterator[None]:
        """Hold one of all places. Raises HandedBack where the worker leaves before there is one."""
        async with _place(self._all, leaving):
            yield


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
    leave = asyncio.ensure_future(leaving.gentle.wait())
    try:
        await asyncio.wait({place, leave}, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        _give_up(place, places)
        raise
    finally:
        leave.cancel()
    if not place.done():
        _give_up(place, places)
        raise HandedBack


def _give_up(place: asyncio.Future[Any], places: asyncio.Semaphore) -> None:
    """Wait for no place any more; one that was given at the same moment goes back."""
    if not place.cancel():
        places.release()
