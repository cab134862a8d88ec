"""The connection pools of a client: one of kept connections and one of fresh ones, replaced with their TLS identity."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Generic, Protocol, Self, TypeVar

if TYPE_CHECKING:
    import ssl


class Pool(ABC):
    """The connections of one kind. As a context it keeps them open, even where others take their place meanwhile."""

    def __init__(self) -> None:
        self._running = 0
        self._replaced = False

    @property
    def in_use(self) -> bool:
        """Whether a request uses them."""
        return self._running > 0

    async def __aenter__(self) -> Self:
        self._running += 1
        return self

    async def __aexit__(self, *_: object) -> None:
        self._running -= 1
        if self._replaced and not self._running:
            await self.aclose()

    async def replaced(self) -> None:
        """Close them as soon as no request uses them."""
        self._replaced = True
        if not self._running:
            await self.aclose()

    @abstractmethod
    async def aclose(self) -> None:
        """Close them now."""


P = TypeVar("P", bound=Pool)
Made_co = TypeVar("Made_co", covariant=True)


class MakesPools(Protocol[Made_co]):
    """Makes a pool, with connections that are kept or are not."""

    def __call__(self, context: ssl.SSLContext, *, reuse: bool) -> Made_co:
        """Make one for a TLS context."""


class Pools(Generic[P]):
    """Both pools of a client."""

    def __init__(self, make: MakesPools[P], context: ssl.SSLContext) -> None:
        self._make = make
        self.context = context
        self._kept, self._fresh = make(context, reuse=True), make(context, reuse=False)
        self._earlier: list[P] = []
        self._closing: set[asyncio.Task[None]] = set()

    def of(self, *, reuse: bool) -> P:
        """Return the pool of kept connections, or that of fresh ones."""
        return self._kept if reuse else self._fresh

    def renew(self, context: ssl.SSLContext) -> None:
        """Use another context for new requests; those under way end as they began."""
        self.context = context
        earlier = (self._kept, self._fresh)
        self._kept, self._fresh = self._make(context, reuse=True), self._make(context, reuse=False)
        self._earlier = [one for one in self._earlier if one.in_use] + list(earlier)
        for one in earlier:
            task = asyncio.create_task(one.replaced(), name="closing earlier connections")
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def aclose(self) -> None:
        """Close the connections."""
        for pool in (self._kept, self._fresh, *self._earlier):
            await pool.aclose()
        await asyncio.gather(*self._closing, return_exceptions=True)
