"""What a submission needs before an exchange: closed circuits, its turn, and a place. Nothing is written before."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from worker.pipeline.admission.breakers import Gate, Passage
    from worker.pipeline.admission.concurrency import Slots
    from worker.pipeline.admission.rate_limit import Pace
    from worker.pipeline.job import Job


class Admission:
    """Admits the exchanges with one system."""

    def __init__(self, gate: Gate, pace: Pace, slots: Slots) -> None:
        self.gate = gate
        self._pace = pace
        self._slots = slots

    @asynccontextmanager
    async def one(self, job: Job) -> AsyncIterator[Passage]:
        """Hold a place for one exchange. Raises HandedBack where the worker leaves before there is one."""
        while True:
            passage = await self.gate.passage(job)
            try:
                async with self._place(job, passage):
                    if not passage.barred:
                        yield passage
                        return
            finally:
                passage.end()

    @asynccontextmanager
    async def _place(self, job: Job, passage: Passage) -> AsyncIterator[None]:
        """Hold a place, with its turn taken after it: turns that pile up before full places would leave all at once.

        The signer's come first, so that nobody waits with a place of all for a turn of his own.
        """
        signer, leaving = job.submission.signer, job.leaving
        async with self._slots.of_signer(signer, leaving):
            if passage.needs_turn:
                await self._pace.of_signer(signer, leaving)
            async with self._slots.of_all(leaving):
                if passage.needs_turn:
                    await self._pace.of_all(leaving)
                yield
