"""From a claim to the end of a revision: attempts, look-ups and waits, each step durable before the next."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from contracts.reasons import Reason
from worker.observability.journey import current
from worker.outcome import AlreadyExists, Blocked, NotArrived, Outcome, Rejected, Retry, Unknown
from worker.pipeline import decision
from worker.pipeline.contained import ContainedSystem, Defect
from worker.pipeline.decision import Advance, Finish, LookUp, TryAgain, Wait
from worker.pipeline.exchange import Exchanges
from worker.pipeline.meter import UNMETERED
from worker.pipeline.ports import Schedule, State
from worker.pipeline.shutdown import Released
from worker.systems.port import NotPrepared, Recovery, Refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from random import Random

    from worker.pipeline.admission.admission import Admission
    from worker.pipeline.hanging import RunningCalls
    from worker.pipeline.job import Job
    from worker.pipeline.meter import Meter
    from worker.pipeline.ports import Clock, Journal
    from worker.pipeline.retry import RetryPolicy
    from worker.systems.port import System

log = logging.getLogger(__name__)
_UNANSWERED = {
    Recovery.LOOK_UP_FIRST: "an earlier attempt is unanswered",
    Recovery.HOLD: "the worker stopped while it sent this; this operation is never sent again automatically",
}
"""The rules under which nothing is sent while an earlier attempt is in doubt, with what is known of that attempt."""


MOST_STEPS = 1000
"""Steps of one submission that may end in one worker: progress that never leads to an end must not loop."""


class Delivery:
    """Delivers submissions to one system. Each `run` delivers one; only later ones of its Kafka key wait for it."""

    def __init__(
        self,
        system: System,
        journal: Journal,
        clock: Clock,
        *,
        policy: Callable[[str], RetryPolicy],
        new_id: Callable[[], str],
        random: Random,
        admission: Admission,
        meter: Meter = UNMETERED,
        calls: RunningCalls | None = None,
    ) -> None:
        self._system = ContainedSystem(system, calls)
        self._journal = journal
        self._clock = clock
        self._policy = policy
        self._random = random
        self._breakers = admission.breakers
        self._meter = meter
        self._exchanges = Exchanges(self._system, journal, clock, new_id, admission, meter=meter)

    async def run(self, job: Job) -> Finish | Wait:
        """Bring the submission to an end, or to where its system answers later.

        Raises Released in a shutdown, Fenced when another worker took it over.
        """
        end = await self._end_of(job)
        if isinstance(end, Wait) or end.state is State.ACCEPTED:
            return end
        if job.found is not None:
            # The reply shows the answer to the submission itself; the answers to the look-ups are in the journal.
            job.prepared, job.answer = job.submitted or (None, None)
            end = decision.with_known(end, job.found)
        return decision.at_step(end, job.step)

    async def _end_of(self, job: Job) -> Finish | Wait:
        if job.schedule.due:
            await self._rest(self._not_beyond(job, job.schedule.due), job, may_wake=False)
        while True:
            if job.shutdown.draining.is_set():
                raise Released
            step = await self._attempt(job)
            if isinstance(step, Advance):
                if job.advances >= MOST_STEPS:
                    return decision.too_many_steps(MOST_STEPS)
                await self._advance(job, step)
                continue
            if not isinstance(step, TryAgain):
                return step
            if job.defects >= self._policy(job.operation.name).defects:
                return decision.give_up_defective(step)
            if (delay := self._delay(job, step)) is None:
                return decision.give_up(step)
            await self._put_off(job, step, delay)
            # A wait that the system asked for (Retry-After) is kept in full: no circuit breaker's trial shortens it.
            await self._rest(delay, job, may_wake=not step.asked)

    async def _advance(self, job: Job, step: Advance) -> None:
        """Make the progress durable, together with the end of the attempt that led to it; the next step follows."""
        delay = min(step.delay or 0.0, self._policy(job.operation.name).longest_wait)
        job.advance(step.progress, self._clock.now() + timedelta(seconds=delay) if delay > 0 else None)
        await self._journal.received(
            job.ticket, job.received, in_doubt=job.in_doubt, schedule=job.schedule, progress=job.progress
        )
        job.received = None
        await self._rest(delay, job, may_wake=False)

    async def _attempt(self, job: Job) -> Finish | Advance | TryAgain | Wait:
        try:
            if not job.ruled:
                job.follows(self._system.rule(job.submission, job.progress))
            if not job.checked:
                await self._system.check(job.submission)
                job.checked = True
            step = await self._ask_or_send(job)
            return await self._reauthorize(job, step) if isinstance(step, TryAgain) else step
        except NotPrepared as unsent:
            return self._unsent(job, unsent.outcome)
        except Defect as defect:
            job.fails(self._clock.now())
            return self._unsent(job, Retry(Reason.DEFECT, str(defect)))
        except Refused as refusal:
            return decision.refused(refusal, in_doubt=job.in_doubt)

    def _unsent(self, job: Job, outcome: Outcome) -> Finish | TryAgain:
        """Decide about an attempt of which nothing left."""
        step = decision.decide(outcome, job.recovery, in_doubt=job.in_doubt)
        if not isinstance(step, Finish | TryAgain):
            raise TypeError(
                "a message that was not sent can be neither looked up nor taken, and ends no step"
            )
        return step

    async def _ask_or_send(self, job: Job) -> Finish | Advance | TryAgain | Wait:
        if job.in_doubt and (found := await self._to_be_settled(job)) is not None:
            return await self._look_up(job, found)
        outcome = await self._exchanges.submit(job)
        step = decision.decide(outcome, job.recovery, in_doubt=job.in_doubt, progress=job.progress)
        return await self._look_up(job, step.found) if isinstance(step, LookUp) else step

    async def _to_be_settled(self, job: Job) -> Outcome | None:
        """Return what a look-up must settle before anything is sent; None where sending again settles it."""
        if job.found is None and job.stated is not None:
            stated, job.stated = job.stated, None
            said = await self._exchanges.read_again(job, stated) if stated.step == job.step else None
            if isinstance(said, AlreadyExists | Rejected):
                return said
        if job.found is None and job.recovery in _UNANSWERED:
            return Unknown(Reason.OUTCOME_UNKNOWN, _UNANSWERED[job.recovery])
        return job.found

    async def _look_up(self, job: Job, found: Outcome) -> Finish | Advance | TryAgain | Wait:
        """Ask what the system holds. Until an answer settles it, each further attempt is this look-up, and no other."""
        job.looks_up(found, self._clock.monotonic())
        if not job.has_look_up:
            return decision.without_look_up(found)
        if isinstance(found, Unknown) and found.delay:
            job.found = replace(found, delay=None)
            return TryAgain(found.reason, found.detail, in_doubt=True, asked=found.delay)
        await self._write_received(job)
        if job.shutdown.aborted.is_set():
            raise Released
        outcome = await self._exchanges.look_up(job, found)
        if outcome is None:
            return decision.without_look_up(found)
        step = decision.decide_looked_up(outcome, job.recovery, job.progress)
        if isinstance(outcome, NotArrived) and isinstance(step, TryAgain):
            return self._sends_anew(job, outcome, step)
        return step

    def _sends_anew(self, job: Job, shown: NotArrived, step: TryAgain) -> TryAgain:
        """Send again what did not arrive, unless the system may still be working on it: then look once more."""
        left = (job.settled_at or 0.0) - self._clock.monotonic()
        if left > 0:
            return TryAgain(shown.reason, f"{shown.detail} yet", in_doubt=True, asked=left)
        job.sends_anew()
        return step

    async def _reauthorize(self, job: Job, step: TryAgain) -> Finish | TryAgain:
        """Renew the token or session that was refused, once; a second refusal in a row needs an operator."""
        job.in_doubt = step.in_doubt
        if not step.reauthorize:
            job.reauthorized = False
            return step
        if job.reauthorized or job.prepared is None:
            blocked = decision.decide(
                Blocked(Reason.ACCESS_DENIED, step.detail), job.recovery, in_doubt=step.in_doubt
            )
            return blocked if isinstance(blocked, Finish) else step
        await self._system.reauthorize(job.prepared)
        job.reauthorized = True
        return step

    def _not_beyond(self, job: Job, due: datetime) -> float:
        """Return the seconds until ``due``, at most the longest wait: the wall clock may have been set back since."""
        longest = self._policy(job.operation.name).longest_wait
        return min((due - self._clock.now()).total_seconds(), longest)

    def _delay(self, job: Job, step: TryAgain) -> float | None:
        """Count this attempt and return the seconds until the next; None where the time for retries is over."""
        policy, done = self._policy(job.operation.name), job.schedule
        spent, job.worked = done.spent + job.worked, 0.0
        if step.pending and step.asked:
            return self._pause(job, spent, policy.pause(spent=spent, asked=step.asked))
        delay = policy.delay(
            tries=done.tries + 1,
            spent=spent,
            # A wait of 0 is granted only after a renewed authorisation: a system that answers every attempt with
            # `Retry-After: 0` would otherwise be asked without pause.
            asked=step.asked if step.asked or step.reauthorize else None,
            random=self._random,
        )
        job.counted = 0.0
        if self._breakers.is_open(job.submission.signer):
            # The system or the signer fails, not this submission: while the circuit is open, no submission is given up
            # and no time is counted.
            job.schedule = replace(done, tries=done.tries + 1)
            return policy.maximum if delay is None else delay
        if delay is not None:
            job.schedule, job.counted = Schedule(done.tries + 1, spent + delay), delay
        return delay

    @staticmethod
    def _pause(job: Job, spent: float, delay: float | None) -> float | None:
        """Count the wait for a step that is not done: its time, and no try."""
        job.counted = delay or 0.0
        if delay is not None:
            job.schedule = replace(job.schedule, spent=spent + delay)
        return delay

    async def _put_off(self, job: Job, step: TryAgain, delay: float) -> None:
        due = self._clock.now() + timedelta(seconds=delay)
        job.schedule = replace(job.schedule, due=due)
        _tell_of_retry(job, step, due)
        await self._journal.received(job.ticket, job.received, in_doubt=job.in_doubt, schedule=job.schedule)
        job.received = None
        if not step.pending:
            self._meter.retried(step.reason)

    async def _write_received(self, job: Job) -> None:
        if job.received is not None:
            await self._journal.received(
                job.ticket, job.received, in_doubt=job.in_doubt, schedule=replace(job.schedule, due=None)
            )
            job.received = None

    async def _rest(self, seconds: float, job: Job, *, may_wake: bool) -> None:
        """Wait; a shutdown ends the wait (raises Released), and with ``may_wake`` so does a breaker's trial."""
        if seconds > 0:
            end = self._clock.monotonic() + seconds
            waits = [self._clock.sleep(seconds), job.shutdown.draining.wait()]
            if may_wake:
                waits.append(self._breakers.wakeup(job.submission.signer).wait())
            pending = [asyncio.ensure_future(wait) for wait in waits]
            try:
                await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in pending:
                    wait.cancel()
            # The schedule counted the whole wait as spent: the part that was cut short is taken off again.
            job.worked -= min(max(end - self._clock.monotonic(), 0.0), job.counted)
        if job.shutdown.draining.is_set():
            raise Released


def _tell_of_retry(job: Job, step: TryAgain, due: datetime) -> None:
    """Log that it is tried again: the first time is normal, further ones may need an operator."""
    told = {"reason": str(step.reason), "attempts": job.attempts, "next_attempt": due.isoformat()}
    quiet = step.pending or job.schedule.tries <= 1
    log.log(logging.DEBUG if quiet else logging.WARNING, "will try again", extra=told)
    journey = current()
    if journey is not None and journey.span is not None:
        journey.span.event("retry", {"herald.reason": str(step.reason), "herald.attempts": job.attempts})
