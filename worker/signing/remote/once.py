"""Something that is asked for once: by one request however many wait for it, and kept."""

from __future__ import annotations

import asyncio
import contextvars
from typing import TYPE_CHECKING, Generic, TypeVar

from worker.cancelling import cancel
from worker.signing.port import SigningFailed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")

REFUSAL_REST = 30.0
"""Seconds for which a refusal that needs an operator is repeated without another request."""


class Once(Generic[T]):
    """The result of ``ask``, which is kept. A failure is not, but a refusal stands for `REFUSAL_REST` seconds."""

    def __init__(self, ask: Callable[[], Awaitable[T]], *, monotonic: Callable[[], float]) -> None:
        self._ask = ask
        self._monotonic = monotonic
        self._asking: asyncio.Task[T] | None = None
        self._result: T | None = None
        self._refusal: tuple[SigningFailed, float] | None = None

    @property
    def known(self) -> T | None:
        """The result, where it is there already."""
        return self._result

    async def get(self) -> T:
        """Return the result, and ask for it where it is not there. Raises SigningFailed as ``ask`` does."""
        if self._result is not None:
            return self._result
        if self._refusal is not None and self._monotonic() < self._refusal[1]:
            raise self._refusal[0].saying(str(self._refusal[0]))
        if self._asking is None:
            # In a context of its own, and shielded: one submission that is cancelled leaves it to the others.
            self._asking = asyncio.create_task(self._run(), context=contextvars.Context())
        return await asyncio.shield(self._asking)

    async def close(self) -> None:
        """End a request that is under way."""
        if self._asking is not None:
            await cancel([self._asking])

    async def _run(self) -> T:
        try:
            self._result = await self._ask()
        except SigningFailed as failed:
            if not failed.transient:
                self._refusal = failed, self._monotonic() + REFUSAL_REST
            raise
        else:
            return self._result
        finally:
            self._asking = None
