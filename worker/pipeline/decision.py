"""What follows from an attempt's outcome under the operation's recovery rule: pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from contracts.reasons import Reason
from worker.outcome import (
    Accepted,
    AlreadyExists,
    Blocked,
    NotArrived,
    Outcome,
    Rejected,
    Retry,
    StatedError,
    Unknown,
)
from worker.pipeline.ports import State
from worker.systems.port import Recovery, Refused

if TYPE_CHECKING:
    from contracts.problems import Problem


@dataclass(frozen=True, slots=True)
class Finish:
    """The revision ends. ``outcome`` is what the reply reports; ``reason`` is None for accepted and rejected."""

    state: State
    outcome: Outcome
    reason: Reason | None = None
    detail: str | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class TryAgain:
    """Another attempt follows, after the retry policy's delay and at least `asked` seconds (0: at once)."""

    reason: Reason
    detail: str
    in_doubt: bool
    asked: float | None = None
    reauthorize: bool = False


@dataclass(frozen=True, slots=True)
class LookUp:
    """Ask the system what it holds before `found` is believed."""

    found: Outcome


Step: TypeAlias = Finish | TryAgain | LookUp


def decide(outcome: Outcome, recovery: Recovery, *, in_doubt: bool) -> Step:
    """Decide what an attempt's outcome means.

    ``in_doubt``: an earlier attempt of this submission may have been processed. Then a refusal does not settle the
    submission (the system may refuse because it processed the earlier attempt), and neither does a failure.
    """
    doubt = in_doubt and recovery is not Recovery.REPEAT
    match outcome:
        case Accepted():
            return Finish(State.ACCEPTED, outcome)
        case AlreadyExists():
            return LookUp(outcome)
        case Rejected():
            return LookUp(outcome) if doubt else Finish(State.REJECTED, outcome)
        case Retry(reason, detail, delay, reauthorize):
            return _again(TryAgain(reason, detail, doubt, delay, reauthorize), recovery)
        case Unknown():
            return _unknown(outcome, recovery)
        case Blocked(reason, detail):
            return held(outcome, detail) if doubt else Finish(State.FAILED, outcome, reason, detail)


def decide_looked_up(outcome: Outcome | NotArrived, recovery: Recovery) -> Finish | TryAgain:
    """Decide what the look-up's outcome means. A look-up that cannot be made now is made again later."""
    match outcome:
        case Accepted():
            return Finish(State.ACCEPTED, outcome)
        case Rejected():
            return Finish(State.REJECTED, outcome)
        case Retry(reason, detail, delay, reauthorize):
            return _again(
                TryAgain(reason, detail, in_doubt=True, asked=delay, reauthorize=reauthorize), recovery
            )
        case Unknown(reason, detail) if reason != Reason.OUTCOME_UNKNOWN:
            return _again(TryAgain(reason, detail, in_doubt=True), recovery)
        case NotArrived(reason, detail):
            return _again(TryAgain(reason, detail, recovery is not Recovery.LOOK_UP_FIRST), recovery)
        case _:
            return held(outcome, getattr(outcome, "detail", "the look-up did not settle it"))


def refused(refusal: Refused, *, in_doubt: bool) -> Finish:
    """End a submission that must not be sent; held if an earlier attempt may have been processed."""
    detail = "; ".join(f"{p.path}: {p.message}" for p in refusal.problems) or refusal.reason
    outcome = Blocked(refusal.reason, detail)
    if in_doubt:
        return held(outcome, f"an earlier attempt is unanswered, and now: {detail}")
    return Finish(State.FAILED, outcome, refusal.reason, detail, refusal.problems)


def give_up(step: TryAgain) -> Finish:
    """End the retries: unknown if any attempt may have been processed, failed if certainly none was."""
    if step.in_doubt:
        return held(Unknown(step.reason, step.detail), step.detail)
    detail = f"gave up retrying: {step.detail}"
    return Finish(State.FAILED, Blocked(Reason.RETRIES_EXHAUSTED, detail), Reason.RETRIES_EXHAUSTED, detail)


def give_up_defective(step: TryAgain) -> Finish:
    """End what a defect of Herald's stops again and again, so that its patient's next submissions go on."""
    if step.in_doubt:
        return held(Unknown(Reason.DEFECT, step.detail), step.detail)
    detail = f"gave up: {step.detail}"
    return Finish(State.FAILED, Blocked(Reason.DEFECT, detail), Reason.DEFECT, detail)


def unwritable(end: Finish, detail: str) -> Finish:
    """Return the end whose reply can be written in place of one that cannot: a person reads the journal."""
    if end.state is State.FAILED:
        return Finish(State.FAILED, Blocked(Reason.DEFECT, detail), Reason.DEFECT, detail)
    return held(Unknown(Reason.DEFECT, detail), detail)


def held(outcome: Outcome, detail: str) -> Finish:
    """End the revision as held: only a person can find out whether the system processed the submission."""
    return Finish(State.HELD, outcome, Reason.OUTCOME_UNKNOWN, detail)


def cause_of(end: Finish) -> Reason | None:
    """Return why there is a dead letter, None where there is none: what stands in the way, not that it is in doubt."""
    if end.reason is Reason.OUTCOME_UNKNOWN and isinstance(end.outcome, Blocked):
        return end.outcome.reason
    return end.reason


def stated_errors(outcome: Outcome) -> tuple[StatedError, ...]:
    """Return the system's own errors, where the outcome carries any."""
    return outcome.errors if isinstance(outcome, Rejected | AlreadyExists) else ()


def _again(step: TryAgain, recovery: Recovery) -> Finish | TryAgain:
    """Return the step, or give up where the message may have been processed and must not be sent twice."""
    return give_up(step) if step.in_doubt and recovery is Recovery.HOLD else step


def _unknown(outcome: Unknown, recovery: Recovery) -> Step:
    match recovery:
        case Recovery.REPEAT:
            return TryAgain(outcome.reason, outcome.detail, in_doubt=False)
        case Recovery.SAME_IDENTITY:
            return TryAgain(outcome.reason, outcome.detail, in_doubt=True)
        case Recovery.LOOK_UP_FIRST:
            return LookUp(outcome)
        case Recovery.HOLD:
            return held(outcome, outcome.detail)
