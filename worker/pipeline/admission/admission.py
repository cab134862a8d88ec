"""What a submission needs before an exchange: closed circuits, a turn by the rate limits, and a place in flight.

Nothing is written to the journal before the submission has them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from worker.pipeline.admission.breakers import CircuitBreakers, Permit
    from worker.pipeline.admission.concurrency import ConcurrencyLimits
    from worker.pipeline.admission.places import Places
    from worker.pipeline.admission.rate_limit import RateLimits
    from worker.pipeline.job import Job
    from worker.pipeline.shutdown import Shutdown


class Admission:
    """Admits the exchanges with one system."""

    def __init__(
        self, breakers: CircuitBreakers, rate_limits: RateLimits, concurrency_limits: ConcurrencyLimits
    ) -> None:
        self.breakers = breakers
        self._rates = rate_limits
        self._places = concurrency_limits

    def one(self, job: Job) -> Admitted:
        """Return a context manager that holds a place for one exchange."""
        return Admitted(self.breakers, self._rates, self._places, job)


class Admitted:
    """Holds a place meanwhile. Entering raises Released where a shutdown begins before there is one."""

    __slots__ = ("_breakers", "_held", "_job", "_permit", "_places", "_rates")

    def __init__(
        self, breakers: CircuitBreakers, rates: RateLimits, places: ConcurrencyLimits, job: Job
    ) -> None:
        self._breakers = breakers
        self._rates = rates
        self._places = places
        self._job = job
        self._held: list[Places] = []

    async def __aenter__(self) -> Permit:
        while True:
            permit = await self._breakers.acquire(self._job)
            try:
                await self._take(permit)
            except BaseException:
                self._give_back(permit)
                raise
            if not permit.barred:
                self._permit = permit
                return permit
            self._give_back(permit)

    async def __aexit__(self, *_: object) -> None:
        self._give_back(self._permit)

    async def _take(self, permit: Permit) -> None:
        """Take a place, then the turn: turns taken while all places are full would later go in one burst.

        The source's and the signer's place and turn come first, then that of signers at providers, so that no
        submission holds a place of all while it waits for another.
        """
        signer, shutdown = self._job.submission.signer, self._job.shutdown
        await self._hold(self._places.of_source(self._job.submission.source), shutdown)
        await self._hold(self._places.of_signer(signer), shutdown)
        if self._rates.limit and permit.needs_turn:
            await self._rates.of_signer(signer, shutdown)
        if (remote := self._places.of_remote(signer)) is not None:
            await self._hold(remote, shutdown)
        await self._hold(self._places.of_all, shutdown)
        if self._rates.limit and permit.needs_turn:
            await self._rates.of_all(shutdown)

    async def _hold(self, places: Places, shutdown: Shutdown) -> None:
        if not places.take():
            await places.acquire(shutdown)
        self._held.append(places)

    def _give_back(self, permit: Permit) -> None:
        while self._held:
            self._held.pop().release()
        permit.release()
