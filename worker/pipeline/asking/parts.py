"""What the work on one submission that was taken needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.pipeline.job import Job

if TYPE_CHECKING:
    from worker.pipeline.admission.breakers import CircuitBreakers
    from worker.pipeline.aside import Aside
    from worker.pipeline.asking.exchange import LaterExchanges
    from worker.pipeline.asking.record import AskRecord
    from worker.pipeline.contained import ContainedSystem
    from worker.pipeline.finishing import Finishing
    from worker.pipeline.flood.guard import FloodGuard
    from worker.pipeline.meter import Meter
    from worker.pipeline.ports import DueAnswer, Journal
    from worker.pipeline.publishing import Publishing
    from worker.pipeline.reading import Reader
    from worker.pipeline.shutdown import Shutdown
    from worker.submission import Submission


@immutable
class Parts:
    """The parts of one system in this worker."""

    system: ContainedSystem
    journal: Journal
    reader: Reader
    exchanges: LaterExchanges
    finishing: Finishing
    publishing: Publishing
    breakers: CircuitBreakers
    flood: FloodGuard
    aside: Aside
    meter: Meter
    record: AskRecord


def job_of(parts: Parts, due: DueAnswer, submission: Submission, shutdown: Shutdown) -> Job:
    """Return the job of a submission that was taken from the journal. Raises Defect."""
    rule = parts.system.rule(submission, due.claimed.progress)
    return Job.resume(submission, rule, due.claimed, shutdown)
