"""Ask a national system whether it has a submission: the query of the recovery rules, without a worker around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.immutable import immutable
from contracts.reasons import Reason
from worker.outcome import Accepted, NotArrived, Rejected, Taken, Unknown
from worker.pipeline.contained import ContainedSystem, Defect
from worker.systems.port import Attempt, NotPrepared, Refused
from worker.transport.port import DeliveryError, SendGuard

if TYPE_CHECKING:
    from datetime import datetime

    from worker.outcome import Outcome
    from worker.submission import Submission
    from worker.systems.port import System

ARRIVED, REFUSED, NOT_THERE, UNKNOWN = "arrived", "rejected", "not-arrived", "unknown"


@immutable
class Finding:
    """``kind``: arrived, rejected, not-arrived or unknown; ``detail`` says why, without data of the patient."""

    kind: str
    detail: str


_NO_QUERY = Finding(UNKNOWN, "this operation has no look-up")


async def look_up(system: System, submission: Submission, message_id: str, at: datetime) -> Finding:
    """Return what the system has of a submission. It is asked once; whatever fails makes the finding unknown."""
    operation = system.operations.get(submission.type)
    if operation is None or not operation.looks_up:
        return _NO_QUERY
    try:
        return await _asked(ContainedSystem(system), submission, message_id, at)
    except DeliveryError as error:
        return Finding(UNKNOWN, f"{error.reason}: {error}")
    except NotPrepared as unsent:
        return _read(unsent.outcome)
    except Refused as refused:
        return Finding(UNKNOWN, str(refused.reason))
    except Defect as defect:
        return Finding(UNKNOWN, str(defect))


async def _asked(system: ContainedSystem, submission: Submission, message_id: str, at: datetime) -> Finding:
    found = Unknown(Reason.OUTCOME_UNKNOWN, "the journal has no record of this submission")
    attempt = Attempt(1, message_id, at, system.identity(submission))
    prepared = await system.prepare_look_up(submission, attempt, found)
    if prepared is None:
        return _NO_QUERY
    answer = await system.exchange(prepared, SendGuard(lambda: True))
    return _read(await system.settle(submission, found, prepared, answer))


def _read(outcome: Outcome | NotArrived) -> Finding:
    if isinstance(outcome, Accepted):
        return Finding(ARRIVED, "the system has it")
    if isinstance(outcome, Taken):
        return Finding(ARRIVED, "the system has it, and answers later")
    if isinstance(outcome, Rejected):
        return Finding(REFUSED, "the system refuses it")
    if isinstance(outcome, NotArrived):
        return Finding(NOT_THERE, outcome.detail)
    return Finding(UNKNOWN, getattr(outcome, "detail", type(outcome).__name__))
