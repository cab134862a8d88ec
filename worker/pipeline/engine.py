"""The path of one record: read, claim, deliver, make the end durable, publish it. A crash at any line is safe."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from worker.event_loop import current_task
from worker.observability.journey import Journey, following
from worker.observability.logs import submission_context
from worker.observability.metrics.labels import Outcome, Stage
from worker.pipeline.aside import Aside
from worker.pipeline.claim_request import UNREAD, ClaimRequests
from worker.pipeline.contained import ContainedSystem, Defect
from worker.pipeline.dead_lettering import DeadLettering
from worker.pipeline.decision import Wait
from worker.pipeline.finishing import Finishing
from worker.pipeline.following import begin_trace, tell_end
from worker.pipeline.job import Job
from worker.pipeline.meter import UNMETERED
from worker.pipeline.ports import (
    Busy,
    Claimed,
    ClaimRequest,
    ClaimResult,
    Conflict,
    Fenced,
    Finished,
    Record,
    State,
    Waiting,
)
from worker.pipeline.publishing import Publishing
from worker.pipeline.reading import InvalidRecord, defective, sender_of
from worker.pipeline.shutdown import Released, Shutdown, ends_task
from worker.pipeline.stages import Stages
from worker.submission import Submission

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.observability.tracing.span import Tracer
    from worker.pipeline.asking.waits import Waits
    from worker.pipeline.delivery import Delivery
    from worker.pipeline.flood.guard import FloodGuard
    from worker.pipeline.meter import Meter
    from worker.pipeline.ports import Clock, Journal, Replies
    from worker.pipeline.reading import Reader
    from worker.pipeline.rendering import Renderer
    from worker.pipeline.saving import Saving
    from worker.systems.port import System

log = logging.getLogger(__name__)
Kind = TypeVar("Kind")

ASK_AGAIN = 1.0
"""Seconds between checks of a submission that another worker holds."""


class Engine:
    """Processes the records of one system; `process` returns when the record's offset may be committed."""

    def __init__(
        self,
        system: System,
        journal: Journal,
        replies: Replies,
        clock: Clock,
        *,
        reader: Reader,
        delivery: Delivery,
        renderer: Renderer,
        flood: FloodGuard,
        waits: Waits,
        defects: int = 3,
        meter: Meter = UNMETERED,
        tracer: Tracer | None = None,
        saving: Saving | None = None,
    ) -> None:
        """``defects``: how often what a defect stops before its claim is tried. ``tracer`` is None without traces.

        ``saving``: see `Finishing`.
        """
        self._system = system
        self._contained = ContainedSystem(system)
        self._defects = defects
        self._journal = journal
        self._clock = clock
        self._reader = reader
        self._delivery = delivery
        self._flood = flood
        self._waits = waits
        self._meter = meter
        self._tracer = tracer
        self._aside = Aside()
        self._stages = Stages(meter, clock.monotonic)
        self._claims = ClaimRequests(system, clock)
        self._publishing = Publishing(journal, replies, meter, self._stages)
        self._finishing = Finishing(
            system,
            journal,
            clock,
            renderer=renderer,
            publishing=self._publishing,
            flood=flood,
            aside=self._aside,
            stages=self._stages,
            saving=saving,
        )
        self._dead_lettering = DeadLettering(
            system, journal, replies, clock, renderer=renderer, flood=flood, meter=meter
        )
        self._in_work: set[tuple[str, str]] = set()

    async def process(self, record: Record, shutdown: Shutdown) -> None:
        """Process a record until Kafka acknowledged its events.

        Raises Released where a shutdown begins first, and SetAside where its source's or signer's submissions wait.
        """
        try:
            await self._flood.wait(shutdown)
            with following(Journey(self._clock.monotonic)):
                await self._process(record, shutdown)
        finally:
            self._flood.done()

    async def _process(self, record: Record, shutdown: Shutdown) -> None:
        read = await self._aside.run(len(record.value or b""), partial(self._reader.read, record))
        trace_id = begin_trace(self._tracer, self._system.name, record, read)
        with submission_context(system=self._system.name, **({"trace_id": trace_id} if trace_id else {})):
            if isinstance(read, InvalidRecord) and read.submission is None:
                if await self._dead_lettering.unreadable(record, read):
                    self._ended(record, None, Outcome.UNREADABLE, replay=False)
            else:
                await self._process_read(record, read, shutdown)

    def _ended(self, record: Record, operation: str | None, outcome: Outcome, *, replay: bool) -> None:
        self._meter.ended(operation, outcome, record.timestamp_ms, replay=replay)
        tell_end(record, operation, outcome, replay=replay)

    async def _process_read(
        self, record: Record, read: Submission | InvalidRecord, shutdown: Shutdown
    ) -> None:
        identity = UNREAD
        if isinstance(read, Submission):
            try:
                identity = await self._tried(partial(self._contained.identity, read), shutdown)
            except Defect as defect:
                read = defective(read, defect)
        request = self._claims.make(record, read, identity)
        told = {"submission_id": request.id, "submission_source": request.source}
        if (rnu := _rnu(read)) is not None:
            told["rnu"] = rnu
        with submission_context(**told):
            await self._process_named(record, read, request, shutdown)

    async def _process_named(
        self, record: Record, read: Submission | InvalidRecord, request: ClaimRequest, shutdown: Shutdown
    ) -> None:
        # Within one worker, the journal gives a claim to the latest caller. Two records of one submission (published
        # again under another key) must not take the claim from each other while one is in flight.
        identity = (request.source, request.id)
        while identity in self._in_work:
            await self._clock.sleep(ASK_AGAIN)
            if shutdown.draining.is_set():
                raise Released
        self._in_work.add(identity)
        try:
            await self._process_claimed(record, read, request, shutdown)
        finally:
            self._in_work.discard(identity)

    async def _process_claimed(
        self, record: Record, read: Submission | InvalidRecord, request: ClaimRequest, shutdown: Shutdown
    ) -> None:
        while True:
            result = await self._claim(request, shutdown)
            try:
                match result:
                    case Finished():
                        outcome = await self._publishing.publish_again(request, result)
                    case Conflict():
                        buried = await self._dead_lettering.conflict(record, read)
                        outcome = Outcome.CONFLICT if buried else None
                    case Waiting():
                        await self._waits.again(record, read, result, shutdown)
                        outcome = Outcome.DUPLICATE
                    case Claimed():
                        outcome = Outcome(await self._work(record, read, result, shutdown))
            except Fenced:
                # Another worker took the submission over, or this worker's lease ran out. The next claim tells
                # from the journal what is left to do.
                await self._clock.sleep(ASK_AGAIN)
                continue
            if outcome is not None:
                self._ended(record, request.operation, outcome, replay=request.replay_of is not None)
            return

    async def _tried(self, ask: Callable[[], Kind], shutdown: Shutdown) -> Kind:
        """Ask the system for what only it knows, a few times. Raises Defect, Released."""
        for _ in range(self._defects - 1):
            try:
                return ask()
            except Defect:
                await self._clock.sleep(ASK_AGAIN)
            if shutdown.draining.is_set():
                raise Released
        return ask()

    async def _claim(self, request: ClaimRequest, shutdown: Shutdown) -> ClaimResult:
        """Claim the submission; wait while another worker's lease on it runs. Raises Released."""
        while True:
            with self._stages.timed(Stage.CLAIM):
                result = await self._journal.claim(request)
            if not isinstance(result, Busy):
                return result
            log.debug("waiting: another worker has this submission", extra={"owner": result.owner})
            await self._clock.sleep(min(max(result.seconds_left, 0.05), ASK_AGAIN))
            if shutdown.draining.is_set():
                raise Released

    async def _work(
        self, record: Record, read: Submission | InvalidRecord, claimed: Claimed, shutdown: Shutdown
    ) -> State:
        task = current_task()
        try:
            if isinstance(read, InvalidRecord):
                return await self._finishing.refuse(record, read, claimed)
            return await self._deliver(record, read, claimed, shutdown)
        except Released:
            await self._journal.release([claimed.ticket])
            raise
        except asyncio.CancelledError:
            if not shutdown.aborted.is_set():
                raise
            # An immediate shutdown: release the claim, so that its next owner need not wait for this worker's lease.
            if task:
                task.uncancel()
            await self._journal.release([claimed.ticket])
            raise Released from None
        except Fenced:
            raise
        except BaseException as error:
            if ends_task(error, task):
                raise
            # A defect: the record is tried again. Its next owner must not wait for a worker that has left it.
            await self._journal.release([claimed.ticket])
            raise

    async def _deliver(
        self, record: Record, submission: Submission, claimed: Claimed, shutdown: Shutdown
    ) -> State:
        try:
            rule = await self._tried(partial(self._contained.rule, submission, claimed.progress), shutdown)
        except Defect as defect:
            return await self._finishing.refuse(record, defective(submission, defect), claimed)
        job = Job.resume(submission, rule, claimed, shutdown)
        end = await self._delivery.run(job)
        if isinstance(end, Wait):
            await self._waits.begin(record, job, end.taken)
            self._flood.ends_well(sender_of(submission))
            await self._waits.keep_order(submission, shutdown)
            return State.WAITING
        return await self._finishing.finish(record, job, end)


def _rnu(read: Submission | InvalidRecord) -> str | None:
    named = read.submission if isinstance(read, InvalidRecord) else read
    return named.rnu if named else None
