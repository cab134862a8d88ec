"""What is done about one submission that is due: publish its end, ask for its answer, or acknowledge the answer."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from contracts.reasons import Reason
from worker.observability.metrics.labels import AskOutcome, Outcome
from worker.pipeline.asking.acknowledging import Acknowledging
from worker.pipeline.asking.decision import AskAgain, decide_asked, overdue
from worker.pipeline.asking.parts import job_of
from worker.pipeline.contained import Defect
from worker.pipeline.following import tell_end
from worker.pipeline.ports import Phase, PutOff, State
from worker.pipeline.reading import InvalidRecord, sender_of
from worker.pipeline.shutdown import SetAside
from worker.systems.port import NotPrepared

if TYPE_CHECKING:
    from worker.pipeline.asking.parts import Parts
    from worker.pipeline.asking.policy import AskPolicy
    from worker.pipeline.asking.settings import AskingSettings
    from worker.pipeline.decision import Finish
    from worker.pipeline.job import Job
    from worker.pipeline.ports import DueAnswer, Finished
    from worker.pipeline.shutdown import Shutdown
    from worker.submission import Submission

log = logging.getLogger(__name__)

_LOST, _OVERDUE = Reason.ANSWER_LOST, Reason.ANSWER_OVERDUE
ANSWERED_BY_THE_SYSTEM = frozenset({State.ACCEPTED, State.REJECTED})


class OneAnswer:
    """Goes one step further with a submission of one system that this worker took. Every step is durable."""

    def __init__(self, system: str, parts: Parts, settings: AskingSettings) -> None:
        self._parts = parts
        self._journal = parts.journal
        self._policy_of = partial(settings.policy, system)
        self._acknowledging = Acknowledging(parts, self._policy_of)

    async def read(self, due: DueAnswer) -> Submission | InvalidRecord:
        """Read the record as it came."""
        size = len(due.record.value or b"")
        return await self._parts.aside.run(size, partial(self._parts.reader.read, due.record))

    async def go_on(self, due: DueAnswer, read: Submission | InvalidRecord, shutdown: Shutdown) -> None:
        """Publish its end, ask for its answer or acknowledge it. Raises Released in a shutdown, Fenced."""
        if due.phase is Phase.ACKNOWLEDGE:
            await self._acknowledging.go_on(due, read, shutdown)
        elif due.finished is not None:
            if not due.finished.answered:
                await self._publish(due, due.finished)
            await self._answered(due, read, due.finished.state, shutdown)
        elif isinstance(read, InvalidRecord):
            await self._unreadable(due, read)
        else:
            await self._ask(due, read, shutdown)

    async def put_off(self, due: DueAnswer, seconds: float) -> None:
        """Let it be taken again later, without an ask that counts. Raises Fenced."""
        await self._journal.put_off(due.ticket, PutOff(seconds, asked=False), None)

    def policy(self, due: DueAnswer) -> AskPolicy:
        """Return the schedule of its operation."""
        return self._policy_of(due.operation)

    async def _publish(self, due: DueAnswer, finished: Finished) -> None:
        """Publish an end that is in the journal: the worker that wrote it stopped before it could."""
        await self._parts.publishing.publish(
            due.ticket, due.record.place, finished.revision, finished.reply, finished.dead_letter
        )
        self._ended(due, finished.state)

    async def _ask(self, due: DueAnswer, submission: Submission, shutdown: Shutdown) -> None:
        job = job_of(self._parts, due, submission, shutdown)
        step = await self._asked(due, job)
        if isinstance(step, AskAgain):
            step = await self._again(due, job, step)
        if isinstance(step, AskAgain):
            return
        try:
            state = await self._parts.finishing.finish(due.record, job, step)
        except SetAside:
            # No dead letter may be made now: the end is found out once more later.
            await self._journal.put_off(due.ticket, PutOff(self.policy(due).maximum), job.received)
            return
        self._parts.meter.asked(due.operation, _outcome_of(step))
        self._ended(due, state)
        due = replace(due, claimed=replace(due.claimed, attempts=job.attempts))
        await self._answered(due, submission, state, shutdown)

    async def _asked(self, due: DueAnswer, job: Job) -> Finish | AskAgain:
        try:
            outcome = await self._parts.exchanges.ask(job, due.taken)
        except NotPrepared as unsent:
            outcome = unsent.outcome
        except Defect as defect:
            self._parts.record.failed(Reason.DEFECT.value)
            return AskAgain(str(defect), Reason.DEFECT)
        step = decide_asked(outcome, job.recovery)
        if isinstance(step, AskAgain) and step.reason is not None:
            self._parts.record.failed(step.reason.value)
        else:
            self._parts.record.went_well()
        if isinstance(step, AskAgain) and step.reauthorize and job.prepared is not None:
            await self._reauthorize(job)
        return step

    async def _reauthorize(self, job: Job) -> None:
        assert job.prepared is not None  # noqa: S101  # what was refused was sent
        try:
            await self._parts.system.reauthorize(job.prepared)
        except Defect:
            log.debug("the authorisation is not renewed; the next ask needs it again")

    async def _again(self, due: DueAnswer, job: Job, step: AskAgain) -> Finish | AskAgain:
        """Put the next ask off, or return the end of a submission whose time is over."""
        delay = self.policy(due).next(due.asks, left=due.left, asked=step.asked)
        if delay is None and not self._kept(job):
            return overdue(step, job.recovery)
        told = {"operation": due.operation, "asks": due.asks + 1, "reason": step.reason and step.reason.value}
        log.log(logging.WARNING if step.reason else logging.DEBUG, "asked in vain for an answer", extra=told)
        self._parts.meter.asked(due.operation, AskOutcome.TROUBLE if step.reason else AskOutcome.NOT_READY)
        wait = self.policy(due).maximum if delay is None else delay
        await self._journal.put_off(due.ticket, PutOff(wait, step.taken), job.received)
        return step

    def _kept(self, job: Job) -> bool:
        """Whether no submission ends now for want of an answer: its system or its signer fails, or its dead letters do.

        It is then asked for at the schedule's slowest pace.
        """
        flood = self._parts.flood
        stopped = flood.stop_reason is not None or flood.hold(sender_of(job.submission)) is not None
        return stopped or self._parts.breakers.is_open(job.submission.signer)

    async def _unreadable(self, due: DueAnswer, invalid: InvalidRecord) -> None:
        """Wait with a record that was valid when it was sent: the settings that refuse it may be corrected."""
        log.warning(
            "an answer cannot be asked for: the event is refused now",
            extra={"operation": due.operation, "reason": invalid.reason.value},
        )
        delay = self.policy(due).next(due.asks, left=due.left, asked=None)
        if delay is not None or self._parts.flood.stop_reason is not None or invalid.submission is None:
            wait = self.policy(due).maximum if delay is None else delay
            await self._journal.put_off(due.ticket, PutOff(wait), None)
            return
        state = await self._parts.finishing.refuse(due.record, invalid, due.claimed)
        self._parts.meter.asked(due.operation, AskOutcome.OVERDUE)
        self._ended(due, state)
        await self._journal.waited(due.ticket, None)

    async def _answered(
        self, due: DueAnswer, read: Submission | InvalidRecord, state: State, shutdown: Shutdown
    ) -> None:
        """Go on once Kafka has the reply: only what the system answered is acknowledged."""
        if state not in ANSWERED_BY_THE_SYSTEM:
            await self._journal.waited(due.ticket, None)
            return
        await self._acknowledging.begin(due, read, shutdown)

    def _ended(self, due: DueAnswer, state: State) -> None:
        """Count and log it once more: as waiting, it was counted when it was taken. Its age is its system's."""
        outcome = Outcome(state)
        self._parts.meter.ended(due.operation, outcome, -1, replay=False)
        tell_end(due.record, due.operation, outcome, replay=False)


def _outcome_of(step: Finish) -> AskOutcome:
    if step.reason is _OVERDUE:
        return AskOutcome.OVERDUE
    return AskOutcome.LOST if step.reason is _LOST else AskOutcome.ANSWERED
