"""The path of one record: read, claim, deliver, make the end durable, publish it. A crash at any line is safe."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from contracts.dead_letters import DeadLetterHeader, replay_of
from contracts.reasons import Reason
from contracts.submission_ref import SubmissionRef
from worker.observability.journey import Journey, following, note
from worker.observability.logs import submission_context
from worker.observability.metrics.labels import Outcome, Stage
from worker.pipeline.aside import Aside
from worker.pipeline.contained import ContainedSystem, Defect, defect_of
from worker.pipeline.decision import cause_of, refused, unwritable
from worker.pipeline.flood.causes import Sender
from worker.pipeline.following import begin_trace, in_trace, note_topic, producing, tell_end
from worker.pipeline.job import Job
from worker.pipeline.meter import UNMETERED
from worker.pipeline.ports import (
    Busy,
    Claimed,
    ClaimRequest,
    ClaimResult,
    Conflict,
    Event,
    Fenced,
    Finished,
    Record,
)
from worker.pipeline.reading import InvalidRecord, defective, unread_hash
from worker.pipeline.rendering import ReplyContext, without_value
from worker.pipeline.shutdown import Released, Shutdown, ends_task
from worker.pipeline.stages import Stages
from worker.submission import Submission
from worker.systems.port import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.observability.tracing.span import Span, Tracer
    from worker.pipeline.decision import Finish
    from worker.pipeline.delivery import Delivery
    from worker.pipeline.flood.guard import FloodGuard
    from worker.pipeline.meter import Meter
    from worker.pipeline.ports import (
        Clock,
        DeadLetter,
        Final,
        Journal,
        Place,
        Received,
        Replies,
        State,
        Ticket,
    )
    from worker.pipeline.reading import Reader
    from worker.pipeline.rendering import Renderer
    from worker.systems.port import System

log = logging.getLogger(__name__)
Kind = TypeVar("Kind")

ASK_AGAIN = 1.0
"""Seconds between checks of a submission that another worker holds."""
UNREAD = "unread"
"""Stored as the operation, type or signer of a submission whose source and id were readable, but not these."""


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
        defects: int = 3,
        meter: Meter = UNMETERED,
        tracer: Tracer | None = None,
    ) -> None:
        """``defects``: how often what a defect stops before its claim is tried. ``tracer`` is None without traces."""
        self._system = system
        self._contained = ContainedSystem(system)
        self._defects = defects
        self._journal = journal
        self._replies = replies
        self._clock = clock
        self._reader = reader
        self._delivery = delivery
        self._renderer = renderer
        self._flood = flood
        self._aside = Aside()
        self._meter = meter
        self._stages = Stages(meter, clock.monotonic)
        self._tracer = tracer
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
                await self._process_unreadable(record, read)
            else:
                await self._process_read(record, read, shutdown)

    async def _process_unreadable(self, record: Record, read: InvalidRecord) -> None:
        detail = "; ".join(p.message for p in read.problems)
        dead = self._renderer.dead_letter(record, None, read.reason, detail)
        if await self._bury(dead, read.reason, Sender()):
            self._ended(record, None, Outcome.UNREADABLE, replay=False)

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
        request = self._request(record, read, identity)
        with submission_context(submission_id=request.id, submission_source=request.source):
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
                        outcome = await self._answer_again(request, result)
                    case Conflict():
                        outcome = await self._bury_conflict(record, read)
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
            with suppress(Defect):
                return ask()
            await self._clock.sleep(ASK_AGAIN)
            if shutdown.draining.is_set():
                raise Released
        return ask()

    def _request(self, record: Record, read: Submission | InvalidRecord, identity: str) -> ClaimRequest:
        if isinstance(read, Submission):
            source, submission_id, event_type = read.source, read.id, read.type
            operation, signer = read.operation, read.signer
        else:
            assert read.submission is not None  # noqa: S101  # _process() buried records without an id
            source, submission_id = read.submission.source, read.submission.id
            event_type, signer = read.submission.type or UNREAD, read.submission.signer or UNREAD
            operation = self._operation_of(read) or UNREAD
        return ClaimRequest(
            source=source,
            id=submission_id,
            type=event_type,
            system=self._system.name,
            operation=operation,
            signer=signer,
            identity=identity,
            content_hash=read.content_hash,
            key_digest=hashlib.sha256(record.key or b"").digest(),
            place=record.place,
            received_at=self._clock.now(),
            replay_of=(replay := replay_of(record.headers)),
            unread_hash=unread_hash(record) if replay else None,
            meaning_hash=read.meaning_hash if isinstance(read, Submission) else None,
        )

    def _operation_of(self, invalid: InvalidRecord) -> str | None:
        """Return the operation that an invalid event asked for, where its type is known."""
        asked = invalid.submission.type if invalid.submission else None
        known = self._system.operations.get(asked) if asked else None
        return known.name if known else None

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
        task = asyncio.current_task()
        try:
            if isinstance(read, InvalidRecord):
                return await self._finish_invalid(record, read, claimed)
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
            operation, recovery = await self._tried(partial(self._contained.rule, submission), shutdown)
        except Defect as defect:
            return await self._finish_invalid(record, defective(submission, defect), claimed)
        job = Job.resume(submission, operation, recovery, claimed, shutdown)
        end = await self._delivery.run(job)
        with producing("reply") as span:
            return await self._answer(record, job, end, in_trace(_ref(submission), span), span)

    async def _answer(
        self, record: Record, job: Job, end: Finish, ref: SubmissionRef, span: Span | None
    ) -> State:
        submission = job.submission
        context = ReplyContext(
            submission=ref,
            operation=submission.operation,
            revision=job.revision,
            attempts=job.tried,
            first_attempt=job.first_attempt,
            last_attempt=job.last_attempt,
            answer=job.answer,
            evidence_id=job.prepared.message_id if job.prepared else "",
        )
        size = len(record.value or b"") + (len(job.answer.body or b"") if job.answer else 0)
        final, end = await self._aside.run(size, partial(self._written, record, context, end))
        note_topic(span, final.reply.topic)
        cause, sender = cause_of(end), _sender(submission)
        if cause is not None:
            self._flood.dies(cause, sender, sent=job.attempts > 0)
        await self._end(record, job.ticket, job.revision, final, job.received)
        if cause is None:
            self._flood.ends_well(sender)
        note(reason=str(end.reason) if end.reason else None, attempts=job.tried, revision=job.revision)
        note(dead_letter=final.dead_letter.id if final.dead_letter else None)
        return final.state

    def _written(self, record: Record, context: ReplyContext, end: Finish) -> tuple[Final, Finish]:
        """Render the end; where a defect keeps its reply from being written, one that says so."""
        try:
            return self._renderer.final(record, context, end, self._clock.now()), end
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  # a defect may be of any kind, and must stop this submission alone
            end = unwritable(end, str(defect_of("reply", error)))
            return self._renderer.final(record, replace(context, answer=None), end, self._clock.now()), end

    async def _finish_invalid(self, record: Record, invalid: InvalidRecord, claimed: Claimed) -> State:
        """Refuse an invalid event whose source and id are known: a failed reply and a dead letter.

        The event may have been valid, and sent, before a restart with other settings: then it is held.
        """
        context = replace(
            _context_of_invalid(invalid, claimed.revision, self._operation_of(invalid)),
            attempts=claimed.attempts,
            first_attempt=claimed.first_attempt,
            last_attempt=claimed.last_attempt,
        )
        end = refused(Refused(invalid.reason, invalid.problems), in_doubt=claimed.in_doubt)
        with producing("reply") as span:
            context = replace(context, submission=in_trace(context.submission, span))
            final = self._renderer.final(record, context, end, self._clock.now())
            note_topic(span, final.reply.topic)
            self._flood.dies(invalid.reason, _sender(invalid), sent=claimed.attempts > 0)
            await self._end(record, claimed.ticket, claimed.revision, final, None)
        note(reason=invalid.reason.value, attempts=claimed.attempts, revision=claimed.revision)
        note(problems=len(invalid.problems), dead_letter=final.dead_letter.id if final.dead_letter else None)
        return final.state

    async def _end(
        self, record: Record, ticket: Ticket, revision: int, final: Final, received: Received | None
    ) -> None:
        """Make the end durable, then publish it."""
        with self._stages.timed(Stage.FINISH):
            await self._journal.finish(ticket, final, received)
        await self._publish(ticket, record.place, revision, final.reply, _event_of(final.dead_letter))

    async def _answer_again(self, request: ClaimRequest, finished: Finished) -> Outcome | None:
        """Publish the stored answer: for a duplicate, and after a crash before the acknowledgement.

        A record that comes again from its place after the acknowledgement (a crash or a rebalance before its offset
        could be committed) is only counted as done: None is returned for it.
        """
        if finished.answered_here:
            log.debug("answered before, nothing to do", extra={"state": finished.state.value})
            return None
        dead = None if finished.answered else finished.dead_letter
        note(revision=finished.revision, reason=_reason_of(finished.dead_letter) or None)
        with producing("reply", finished.reply.topic):
            await self._publish(request, request.place, finished.revision, finished.reply, dead)
        log.debug("answered from the journal", extra={"state": finished.state.value})
        return Outcome.DUPLICATE if finished.answered else Outcome(finished.state)

    async def _bury_conflict(self, record: Record, read: Submission | InvalidRecord) -> Outcome | None:
        """Bury an event whose source and id came before with other content; only the earlier one gets a reply."""
        context = (
            _context_of_invalid(read, 1, self._operation_of(read))
            if isinstance(read, InvalidRecord)
            else ReplyContext(_ref(read), read.operation)
        )
        detail = "an earlier event with the same source and id has other content"
        dead = self._renderer.dead_letter(record, context, Reason.CONFLICT, detail)
        return Outcome.CONFLICT if await self._bury(dead, Reason.CONFLICT, _sender(read)) else None

    async def _bury(self, dead_letter: DeadLetter, reason: Reason, sender: Sender) -> bool:
        """Publish a dead letter that ends no submission; return whether it was published now, and not before."""
        # One that was parked before was counted then: reading it again, as after a restart, is no flood.
        if not await self._journal.is_parked(dead_letter):
            self._flood.dies(reason, sender)
        if await self._journal.park(dead_letter, self._clock.now()):
            log.debug("dead letter published before, nothing to do", extra={"dead_letter": dead_letter.id})
            return False
        with producing("dead-letter", dead_letter.event.topic):
            await self._replies.publish(dead_letter.event, without_value(dead_letter.event))
        await self._journal.published(dead_letter)
        self._meter.died(dead_letter.reason)
        note(reason=dead_letter.reason, dead_letter=dead_letter.id)
        return True

    async def _publish(
        self, of: ClaimRequest | Ticket, place: Place, revision: int, reply: Event, dead: Event | None
    ) -> None:
        """Publish the dead letter first: who reads a reply that names a dead letter must find it in its topic."""
        with self._stages.timed(Stage.PUBLISH):
            if dead is not None:
                with producing("dead-letter", dead.topic):
                    await self._replies.publish(dead, without_value(dead))
            await self._replies.publish(reply)
        with self._stages.timed(Stage.ANSWERED):
            await self._journal.answered(of.source, of.id, revision, place)
        if dead is not None:
            self._meter.died(_reason_of(dead))


def _context_of_invalid(invalid: InvalidRecord, revision: int, operation: str | None) -> ReplyContext:
    assert invalid.submission is not None  # noqa: S101  # callers have its source and id
    return ReplyContext(invalid.submission, operation, revision=revision)


def _sender(read: Submission | InvalidRecord) -> Sender:
    """Return whom a record names as its sender."""
    named = read if isinstance(read, Submission) else read.submission
    if named and isinstance(read, InvalidRecord) and read.reason is Reason.SIGNER_NOT_ALLOWED:
        return Sender(named.source)  # what others name must not count for the signer
    return Sender(named.source, named.signer or "") if named else Sender()


def _ref(submission: Submission) -> SubmissionRef:
    return SubmissionRef(
        submission.source, submission.id, submission.type, submission.signer, submission.traceparent
    )


def _reason_of(dead: Event | None) -> str:
    """Return the reason code that the event of a dead letter states; empty without one."""
    headers = dead.headers if dead else ()
    stated = (value for name, value in headers if name == DeadLetterHeader.REASON.value)
    return (next(stated, None) or b"").decode()


def _event_of(dead_letter: DeadLetter | None) -> Event | None:
    return dead_letter.event if dead_letter else None
