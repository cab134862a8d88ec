"""One exchange with the national system: durable before its first byte is sent; then the answer is interpreted."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from contracts.reasons import Reason
from worker.observability.journey import span_note, traced
from worker.observability.metrics.labels import Stage
from worker.outcome import Blocked, NotArrived, Outcome, Retry, Unknown
from worker.pipeline.contained import Defect
from worker.pipeline.meter import UNMETERED
from worker.pipeline.ports import Fenced, Received, Sending
from worker.pipeline.shutdown import Released
from worker.pipeline.stages import Stages
from worker.systems.port import Attempt, NotPrepared, Prepared, Recovery
from worker.transport.port import Answer, DeliveryError, SendGuard, SendRefused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType

    from worker.pipeline.admission.admission import Admission
    from worker.pipeline.admission.breakers import Permit
    from worker.pipeline.contained import ContainedSystem
    from worker.pipeline.job import Job
    from worker.pipeline.meter import Meter
    from worker.pipeline.ports import Clock, Journal, Stated

Kind = TypeVar("Kind")
_KNOWN = frozenset(Reason)
SUBMIT = "submit"
LOOK_UP = "look-up"
_NEED_A_PERSON = frozenset({Reason.NO_SUCH_FILE, Reason.FILE_TOO_LARGE, Reason.CONFIGURATION})
UNSENT = "unsent"
"""The outcome that the journal keeps for an attempt of which no byte was sent."""


class Exchanges:
    """Performs exchanges for jobs. A job carries the end of its last exchange until the journal's next write."""

    def __init__(
        self,
        system: ContainedSystem,
        journal: Journal,
        clock: Clock,
        new_id: Callable[[], str],
        admission: Admission,
        *,
        meter: Meter = UNMETERED,
    ) -> None:
        self._system = system
        self._journal = journal
        self._clock = clock
        self._new_id = new_id
        self._admission = admission
        self._meter = meter
        self._stages = Stages(meter, clock.monotonic)

    async def submit(self, job: Job) -> Outcome:
        """Send the submission once. Raises Refused, NotPrepared, Defect, Released (nothing was sent), Fenced."""
        with traced(SUBMIT):
            async with self._admitted(job) as permit:
                with self._stages.timed(Stage.PREPARE):
                    prepared = _of_step(job, await self._system.prepare(job.submission, self._next(job)))
                if job.shutdown.draining.is_set():  # the shutdown began while `prepare` waited for a token
                    raise Released
                answer = await self._exchange(job, prepared, SUBMIT)
                if isinstance(answer, DeliveryError):
                    outcome = undelivered(answer, job.recovery)
                else:
                    reading = partial(self._system.interpret, job.submission, prepared, answer)
                    outcome = await read(job, reading)
                permit.record(outcome)
            self._keep(job, prepared, answer, outcome)
            return outcome

    async def look_up(self, job: Job, found: Outcome) -> Outcome | NotArrived | None:
        """Ask the system what it has, and settle `found` by the answer; None where there is no such query.

        Raises as `submit` does.
        """
        with traced(LOOK_UP):
            async with self._admitted(job) as permit:
                with self._stages.timed(Stage.PREPARE):
                    prepared = await self._system.prepare_look_up(job.submission, self._next(job), found)
                if prepared is None:
                    return None
                prepared = _of_step(job, prepared)
                answer = await self._exchange(job, prepared, LOOK_UP)
                if isinstance(answer, DeliveryError):
                    outcome: Outcome | NotArrived = undelivered(answer, job.recovery)
                else:
                    reading = partial(self._system.settle, job.submission, found, prepared, answer)
                    outcome = await read(job, reading)
                permit.record(outcome)
            self._keep(job, prepared, answer, outcome)
            return outcome

    async def read_again(self, job: Job, stated: Stated) -> Outcome:
        """Return what the journal's last answer says, as if it had come now. Raises Defect."""
        prepared = Prepared(
            operation=job.submission.operation,
            signer=job.submission.signer,
            message_id=stated.message_id,
            identity=job.identity,
            url=stated.url,
            request=stated.request,
            headers=stated.headers,
            secret_headers={},
            step=job.step,
            progress=job.progress,
        )
        answer = Answer(stated.status, stated.answer_headers, stated.answer)
        outcome = await self._system.interpret(job.submission, prepared, answer)
        job.prepared, job.answer = prepared, answer
        return outcome

    def _admitted(self, job: Job) -> _Work:
        return _Work(self._admission, self._stages, self._meter, self._clock, job)

    def _next(self, job: Job) -> Attempt:
        return Attempt(job.attempts + 1, self._new_id(), self._clock.now(), job.identity, job.progress)

    async def _exchange(self, job: Job, prepared: Prepared, purpose: str) -> Answer | DeliveryError:
        at = self._clock.now()
        sending = Sending(
            number=job.attempts + 1,
            purpose=purpose,
            message_id=prepared.message_id,
            url=prepared.url if prepared.evidence_url is None else prepared.evidence_url,
            headers=prepared.headers,
            request=prepared.request if prepared.evidence is None else prepared.evidence,
            at=at,
            step=job.step,
        )
        doubt = job.in_doubt if purpose == LOOK_UP else job.recovery is not Recovery.REPEAT
        guard = SendGuard(await self._make_durable(job, sending, doubt))
        job.attempts += 1
        job.first_attempt = job.first_attempt or at
        job.last_attempt = at
        try:
            return await self._sent(prepared, guard)
        except DeliveryError as error:
            job.defects += error.reason not in _KNOWN or error.reason == Reason.DEFECT
            return error
        except Defect as defect:
            job.defects += 1
            return DeliveryError(Reason.DEFECT, str(defect), sent=guard.sent)
        except SendRefused:
            # The lease ran out while the transport connected.
            await self._take_back(job, sending)
            raise Fenced from None
        except asyncio.CancelledError:
            if not job.shutdown.aborted.is_set():
                raise
            # The drain time is over. A request that was sent may be processed: the journal must hold that.
            if task := asyncio.current_task():
                task.uncancel()
            told = "the worker stopped while waiting for the answer" if guard.sent else "the worker stopped"
            return DeliveryError(Reason.CONNECTION_LOST, told, sent=guard.sent)

    async def _sent(self, prepared: Prepared, guard: SendGuard) -> Answer:
        """Send it, in a span that names the system's host, and neither the path nor anything that is sent."""
        with self._stages.timed(Stage.EXCHANGE) as span:
            if span is not None:
                span.note("server.address", urlsplit(prepared.url).hostname or "")
            try:
                answer = await self._system.exchange(prepared, guard)
            except DeliveryError as error:
                if span is not None:
                    span.note("herald.reason", _reason_of(error).value)
                raise
            if span is not None:
                span.note("http.response.status_code", answer.status)
            return answer

    async def _make_durable(self, job: Job, sending: Sending, doubt: bool) -> Callable[[], bool]:  # noqa: FBT001
        try:
            with self._stages.timed(Stage.SENDING):
                return await self._journal.sending(job.ticket, sending, in_doubt=doubt)
        except Fenced:
            # The journal may have it as sent (the database was unavailable for longer than the lease).
            await self._take_back(job, sending)
            raise

    async def _take_back(self, job: Job, sending: Sending) -> None:
        """Write down that nothing was sent, unless another worker took the submission over."""
        unsent = Received(
            number=sending.number,
            message_id=sending.message_id,
            outcome=UNSENT,
            reason=None,
            detail="the lease ended before the message was sent",
            status=None,
            headers={},
            body=None,
            at=self._clock.now(),
        )
        with suppress(Fenced):
            await self._journal.received(job.ticket, unsent, in_doubt=job.in_doubt, schedule=job.schedule)

    def _keep(
        self, job: Job, prepared: Prepared, answer: Answer | DeliveryError, outcome: Outcome | NotArrived
    ) -> None:
        reason = outcome.reason if isinstance(outcome, Retry | Unknown | Blocked | NotArrived) else None
        span_note("herald.outcome", type(outcome).__name__.lower())
        span_note("herald.reason", str(reason) if reason else None)
        got = answer.kept() if isinstance(answer, Answer) else None
        self._meter.dated(got.headers.get("date") if got else None)
        job.prepared = prepared
        job.answer = got
        job.received = Received(
            number=job.attempts,
            message_id=prepared.message_id,
            outcome=type(outcome).__name__.lower(),
            reason=outcome.reason if isinstance(outcome, Retry | Unknown | Blocked) else None,
            detail=outcome.detail if isinstance(outcome, Retry | Unknown | Blocked) else None,
            status=got.status if got else None,
            headers=got.headers if got else {},
            body=got.body if got else None,
            at=self._clock.now(),
        )


class _Work:
    """Holds a place, and counts the time of the work in it; the wait for the place is not counted."""

    __slots__ = ("_began", "_clock", "_job", "_meter", "_permit", "_place", "_stages")

    def __init__(self, admission: Admission, stages: Stages, meter: Meter, clock: Clock, job: Job) -> None:
        self._place = admission.one(job)
        self._stages = stages
        self._meter = meter
        self._clock = clock
        self._job = job

    async def __aenter__(self) -> Permit:
        with self._stages.timed(Stage.ADMISSION):
            self._permit = await self._place.__aenter__()
        self._began = self._clock.monotonic()
        self._meter.exchange_began()
        return self._permit

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._meter.exchange_ended()
        self._job.worked += self._clock.monotonic() - self._began
        try:
            if isinstance(error, NotPrepared):
                self._permit.record_unsent(error.outcome, error.shared)
        finally:
            await self._place.__aexit__(kind, error, trace)


async def read(job: Job, reading: Callable[[], Awaitable[Kind]]) -> Kind | Unknown:
    """Read an answer. Where that is what fails, the answer is there all the same, and what it says is unknown."""
    try:
        with traced("interpret"):
            return await reading()
    except Defect as defect:
        job.defects += 1
        return Unknown(Reason.DEFECT, str(defect))


def _reason_of(error: DeliveryError) -> Reason:
    return Reason(error.reason) if error.reason in _KNOWN else Reason.DEFECT


def undelivered(error: DeliveryError, recovery: Recovery) -> Outcome:
    """Return what it means that no whole answer came.

    A file that cannot be sent or kept as it is needs a person; of a request that may not be repeated, what became of it
    is to be found out first.
    """
    reason = _reason_of(error)
    if reason in _NEED_A_PERSON and (recovery is Recovery.REPEAT or not error.sent):
        return Blocked(reason, str(error))
    return Unknown(reason, str(error)) if error.sent else Retry(reason, str(error))


def _of_step(job: Job, prepared: Prepared) -> Prepared:
    """Return the message with the step and the progress that it was made from."""
    return prepared if job.step is None else replace(prepared, step=job.step, progress=job.progress)
