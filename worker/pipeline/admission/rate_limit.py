"""How many requests a second are sent to one system: of all signers together, and of each."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiolimiter import AsyncLimiter

from worker.pipeline.shutdown import until

if TYPE_CHECKING:
    from worker.pipeline.shutdown import Shutdown


class RateLimits:
    """Rates in requests a second of this worker; None: no limit. A burst of at most one second's requests passes."""

    def __init__(self, total: float | None, per_signer: float | None) -> None:
        self.limit = total is not None or per_signer is not None
        """Whether there is a limit at all."""
        self._all = _limiter(total)
        self._per_signer = per_signer
        self._of_signer: dict[str, AsyncLimiter | None] = {}

    async def of_signer(self, signer: str, shutdown: Shutdown) -> None:
        """Wait for the signer's next turn. Raises Released where a shutdown begins first."""
        if signer not in self._of_signer:
            self._of_signer[signer] = _limiter(self._per_signer)
        await _turn(self._of_signer[signer], shutdown)

    async def of_all(self, shutdown: Shutdown) -> None:
        """Wait for the next turn of all. Raises Released where a shutdown begins first."""
        await _turn(self._all, shutdown)


async def _turn(limiter: AsyncLimiter | None, shutdown: Shutdown) -> None:
    if limiter is None:
        return
    if limiter.has_capacity():
        await limiter.acquire()
    else:
        await until(asyncio.ensure_future(limiter.acquire()), shutdown)


def _limiter(rate: float | None) -> AsyncLimiter | None:
    if rate is None:
        return None
    burst = max(rate, 1.0)
    return AsyncLimiter(burst, burst / rate)
