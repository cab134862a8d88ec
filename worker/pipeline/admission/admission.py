"""What a submission needs before an exchange: closed circuits, a turn by the rate limits, and a place in flight.

Nothing is written to the journal before the submission has them.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from worker.pipeline.admission.breakers import CircuitBreakers, Permit
    from worker.pipeline.admission.concurrency import ConcurrencyLimits
    from worker.pipeline.admission.rate_limit import RateLimits
    from worker.pipeline.job import Job


class Admission:
    """Admits the exchanges with one system."""

    def __init__(
        self, breakers: CircuitBreakers, rate_limits: RateLimits, concurrency_limits: ConcurrencyLimits
    ) -> None:
        self.breakers = breakers
        self._rates = rate_limits
        self._places = concurrency_limits

    @asynccontextmanager
    async def one(self, job: Job) -> AsyncIterator[Permit]:
        """Hold a place for one exchange. Raises Released where a shutdown begins before there is one."""
        while True:
            permit = await self.breakers.acquire(job)
            try:
                async with self._place(job, permit):
                    if not permit.barred:
                        yield permit
                        return
            finally:
                permit.release()

    @asynccontextmanager
    async def _place(self, job: Job, permit: Permit) -> AsyncIterator[None]:
        """Hold a place, then take the turn: turns taken while all places are full would later go in one burst.

        The source's and the signer's place and turn come first, then that of signers at providers, so that no
        submission holds a place of all while it waits for another.
        """
        signer, shutdown = job.submission.signer, job.shutdown
        async with (
            self._places.of_source(job.submission.source, shutdown),
            self._places.of_signer(signer, shutdown),
        ):
            if permit.needs_turn:
                await self._rates.of_signer(signer, shutdown)
            async with self._places.of_remote(signer, shutdown), self._places.of_all(shutdown):
                if permit.needs_turn:
                    await self._rates.of_all(shutdown)
                yield
