"""What follows from an answer that was asked for: pure functions."""

from __future__ import annotations

from typing import TypeAlias

from contracts.immutable import immutable
from contracts.reasons import Reason
from worker.outcome import (
    Accepted,
    Advanced,
    AlreadyExists,
    Blocked,
    NotArrived,
    Outcome,
    Rejected,
    Retry,
    Taken,
    Unknown,
)
from worker.pipeline.decision import Finish
from worker.pipeline.ports import State
from worker.systems.port import Recovery


@immutable
class AskAgain:
    """No answer yet. ``reason`` is None where the system said that it has none; then ``taken`` is what it said."""

    detail: str
    reason: Reason | None = None
    taken: Taken | None = None
    asked: float | None = None
    """The least seconds until the next ask, where the system stated them."""
    reauthorize: bool = False


Asked: TypeAlias = Finish | AskAgain


def decide_asked(outcome: Outcome | NotArrived, recovery: Recovery) -> Asked:  # noqa: PLR0911 - one for each
    """Decide what an ask's outcome means. What says nothing of the submission is asked for again."""
    match outcome:
        case Accepted():
            return Finish(State.ACCEPTED, outcome)
        case Rejected():
            return Finish(State.REJECTED, outcome)
        case Taken():
            return AskAgain("the system has no answer yet", taken=outcome, asked=outcome.delay)
        case NotArrived():
            return _without_answer(Reason.ANSWER_LOST, recovery, outcome.detail)
        case Retry(reason, detail, delay, reauthorize):
            return AskAgain(detail, reason, asked=delay, reauthorize=reauthorize)
        case Unknown(reason, detail, delay):
            return AskAgain(detail, reason, asked=delay)
        case Blocked(reason, detail):
            return AskAgain(detail, reason)
        case Advanced():
            return AskAgain("an answer that comes later has no steps", Reason.UNEXPECTED_MESSAGE)
        case AlreadyExists():
            return AskAgain("the system says that it has this already", Reason.UNEXPECTED_MESSAGE)


def overdue(last: AskAgain, recovery: Recovery) -> Finish:
    """End a submission whose time is over."""
    detail = f"no answer came in the time that the settings allow; the last ask: {last.detail}"
    return _without_answer(Reason.ANSWER_OVERDUE, recovery, detail)


def _without_answer(reason: Reason, recovery: Recovery, detail: str) -> Finish:
    """Only what reads may be sent once more: of the rest a person finds out whether the system processed it."""
    if recovery is Recovery.REPEAT:
        return Finish(State.FAILED, Blocked(reason, detail), reason, detail)
    return Finish(State.HELD, Unknown(reason, detail), reason, detail)
