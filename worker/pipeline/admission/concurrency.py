"""How many exchanges run at once: of all, of each signer, for each source, and of all signers at providers together.

So a signer with slow answers, a source that floods, and slow signatures leave room.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager, nullcontext
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from worker.pipeline.shutdown import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection
    from contextlib import AbstractAsyncContextManager

    from worker.pipeline.shutdown import Shutdown


class ConcurrencyLimits:
    """Places for exchanges with one system. A submission that waits for one is not yet `sending` in the journal."""

    def __init__(
        self,
        total: int,
        per_signer: int,
        per_source: int | None = None,
        *,
        remote: int | None = None,
        remote_signers: Collection[str] = (),
    ) -> None:
        """Make the places; the ``remote_signers`` together have ``remote`` of them."""
        self._all = asyncio.Semaphore(total)
        self._remote = asyncio.Semaphore(remote or total)
        self._remote_signers = frozenset(remote_signers)
        self._per_source = per_source or total
        # Sources name themselves: there may be any number of them, so only those with work are kept.
        self._of_source: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._of_signer: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(per_signer))

    def of_signer(self, signer: str, shutdown: Shutdown) -> AbstractAsyncContextManager[None]:
        """Hold one of the signer's places. Raises Released where a shutdown begins before there is one."""
        return _place(self._of_signer[signer], shutdown)

    def of_remote(self, signer: str, shutdown: Shutdown) -> AbstractAsyncContextManager[None]:
        """Hold one of the places of signers at providers, where this is one. Raises Released as the others do."""
        return _place(self._remote, shutdown) if signer in self._remote_signers else nullcontext()

    def of_source(self, source: str, shutdown: Shutdown) -> AbstractAsyncContextManager[None]:
        """Hold one of the source's places. Raises Released where a shutdown begins before there is one."""
        places = self._of_source.get(source)
        if places is None:
            places = self._of_source[source] = asyncio.Semaphore(self._per_source)
        return _place(places, shutdown)

    def of_all(self, shutdown: Shutdown) -> AbstractAsyncContextManager[None]:
        """Hold one of all places. Raises Released where a shutdown begins before there is one."""
        return _place(self._all, shutdown)


@asynccontextmanager
async def _place(places: asyncio.Semaphore, shutdown: Shutdown) -> AsyncIterator[None]:
    await _acquire(places, shutdown)
    try:
        yield
    finally:
        places.release()


async def _acquire(places: asyncio.Semaphore, shutdown: Shutdown) -> None:
    if not places.locked():
        await places.acquire()
        return
    place = asyncio.ensure_future(places.acquire())
    try:
        await until(place, shutdown)
    except BaseException:
        if place.done() and not place.cancelled():  # the place was given at the same moment
            places.release()
        raise
