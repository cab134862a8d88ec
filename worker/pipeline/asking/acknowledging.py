"""Telling a system that its answer arrived, once Kafka has the reply. It never changes how a submission ended."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from worker.observability.metrics.labels import AskOutcome
from worker.pipeline.asking.parts import job_of
from worker.pipeline.contained import Defect
from worker.pipeline.ports import PutOff
from worker.pipeline.reading import InvalidRecord
from worker.systems.port import NotPrepared

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.pipeline.asking.parts import Parts
    from worker.pipeline.asking.policy import AskPolicy
    from worker.pipeline.ports import DueAnswer, Received
    from worker.pipeline.shutdown import Shutdown
    from worker.submission import Submission

log = logging.getLogger(__name__)


class Acknowledging:
    """Acknowledges answers of one system, at the pace of asking, until the system knows or the time is over."""

    def __init__(self, parts: Parts, policy: Callable[[str], AskPolicy]) -> None:
        self._parts = parts
        self._journal = parts.journal
        self._policy = policy

    async def begin(self, due: DueAnswer, read: Submission | InvalidRecord, shutdown: Shutdown) -> None:
        """Turn to the acknowledgement, and try it. Raises Released, Fenced."""
        policy = self._policy(due.operation)
        await self._journal.acknowledge(due.ticket, policy.give_up_after)
        done, received = await self._try(due, read, shutdown, before=0)
        delay = policy.next(0, left=policy.give_up_after, asked=None)
        await self._write(due, None if done else delay, received, done=done)

    async def go_on(self, due: DueAnswer, read: Submission | InvalidRecord, shutdown: Shutdown) -> None:
        """Try it once more. Raises Released, Fenced."""
        done, received = await self._try(due, read, shutdown, before=due.asks)
        delay = self._policy(due.operation).next(due.asks, left=due.left, asked=None)
        await self._write(due, None if done else delay, received, done=done)

    async def _write(
        self, due: DueAnswer, delay: float | None, received: Received | None, *, done: bool
    ) -> None:
        if delay is not None:
            await self._journal.put_off(due.ticket, PutOff(delay), received)
            return
        if not done:
            log.warning("the system does not acknowledge that its answer arrived: given up")
        await self._journal.waited(due.ticket, received)

    async def _try(
        self, due: DueAnswer, read: Submission | InvalidRecord, shutdown: Shutdown, *, before: int
    ) -> tuple[bool, Received | None]:
        """Return whether nothing is left to tell, and the end of the message where one was sent."""
        if isinstance(read, InvalidRecord):
            log.warning("an answer cannot be acknowledged: the event is refused now")
            return False, None
        job = job_of(self._parts, due, read, shutdown)
        job.attempts += before
        try:
            done = await self._parts.exchanges.acknowledge(job, due.taken)
        except (NotPrepared, Defect) as unsent:
            log.warning("an answer is not acknowledged", extra={"error": type(unsent).__name__})
            done = False
        if job.received is not None or not done:
            kind = AskOutcome.ACKNOWLEDGED if done else AskOutcome.NOT_ACKNOWLEDGED
            self._parts.meter.asked(due.operation, kind)
        return done, job.received
