"""One exchange about a submission that was taken: an ask for its answer, or the acknowledgement of the answer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from contracts.reasons import Reason
from worker.observability.journey import traced
from worker.observability.metrics.labels import Stage
from worker.outcome import Accepted, Unknown
from worker.pipeline.contained import Defect
from worker.pipeline.exchange import Exchanges, read, undelivered
from worker.pipeline.ports import Phase
from worker.pipeline.shutdown import Released
from worker.systems.port import Recovery
from worker.transport.port import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.outcome import NotArrived, Outcome, Taken
    from worker.pipeline.admission.admission import Admission
    from worker.pipeline.asking.contained import ContainedLater
    from worker.pipeline.contained import ContainedSystem
    from worker.pipeline.job import Job
    from worker.pipeline.meter import Meter
    from worker.pipeline.ports import Clock, Journal
    from worker.systems.port import Prepared
    from worker.transport.port import Answer


class LaterExchanges(Exchanges):
    """Performs them through the same admission, and as durably, as all exchanges with the system."""

    def __init__(
        self,
        system: ContainedSystem,
        journal: Journal,
        clock: Clock,
        new_id: Callable[[], str],
        admission: Admission,
        *,
        later: ContainedLater,
        meter: Meter,
    ) -> None:
        super().__init__(system, journal, clock, new_id, admission, meter=meter)
        self._later = later

    async def ask(self, job: Job, taken: Taken) -> Outcome | NotArrived:
        """Ask once. Raises NotPrepared, Defect, Released (nothing was sent), Fenced."""
        with traced(Phase.ASK.value):
            async with self._admitted(job) as permit:
                with self._stages.timed(Stage.PREPARE):
                    prepared = await self._later.prepare_ask(job.submission, self._next(job), taken)
                if job.shutdown.draining.is_set():
                    raise Released
                answer = await self._exchange(job, prepared, Phase.ASK.value)
                if isinstance(answer, DeliveryError):
                    outcome: Outcome | NotArrived = undelivered(answer, Recovery.REPEAT)
                else:
                    reading = partial(self._later.interpret_ask, job.submission, taken, prepared, answer)
                    outcome = await read(job, reading)
                permit.record(outcome)
            self._keep(job, prepared, answer, outcome)
            return outcome

    async def acknowledge(self, job: Job, taken: Taken) -> bool:
        """Tell the system that its answer arrived; whether nothing is left to tell. Raises as `ask` does."""
        with traced(Phase.ACKNOWLEDGE.value):
            async with self._admitted(job) as permit:
                with self._stages.timed(Stage.PREPARE):
                    prepared = await self._later.prepare_acknowledgement(
                        job.submission, self._next(job), taken
                    )
                if prepared is None:
                    return True
                if job.shutdown.draining.is_set():
                    raise Released
                answer = await self._exchange(job, prepared, Phase.ACKNOWLEDGE.value)
                if isinstance(answer, DeliveryError):
                    outcome = undelivered(answer, Recovery.REPEAT)
                else:
                    outcome = await self._read_acknowledgement(taken, prepared, answer)
                permit.record(outcome)
            self._keep(job, prepared, answer, outcome)
            return isinstance(outcome, Accepted)

    async def _read_acknowledgement(self, taken: Taken, sent: Prepared, answer: Answer) -> Outcome:
        try:
            done = await self._later.is_acknowledged(taken, sent, answer)
        except Defect as defect:
            return Unknown(Reason.DEFECT, str(defect))
        told = "the system did not say that it knows of the answer's arrival"
        return Accepted({}) if done else Unknown(Reason.OUTCOME_UNKNOWN, told)
