"""What follows from an attempt's outcome under the operation's recovery rule: pure functions."""

from __future__ import annotations

from dataclasses import field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

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
    StatedError,
    Taken,
    Unknown,
)
from worker.pipeline.ports import State
from worker.systems.port import Recovery, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.problems import Problem

_NONE: Mapping[str, str] = MappingProxyType({})


@immutable
class Finish:
    """The revision ends. ``outcome`` is what the reply reports; ``reason`` is None for accepted and rejected."""

    state: State
    outcome: Outcome
    reason: Reason | None = None
    detail: str | None = None
    problems: tuple[Problem, ...] = ()


@immutable
class TryAgain:
    """Another attempt follows, after the retry policy's delay and at least `asked` seconds (0: at once)."""

    reason: Reason
    detail: str
    in_doubt: bool
    asked: float | None = None
    reauthorize: bool = False

    @property
    def pending(self) -> bool:
        """Whether nothing went wrong: the system has not done the step yet."""
        return self.reason is Reason.STEP_NOT_DONE


@immutable
class Advance:
    """The step is done: the next one follows, after `delay` seconds where it must not come at once."""

    progress: Mapping[str, str] = field(repr=False)
    delay: float | None = None


@immutable
class LookUp:
    """Ask the system what it holds before `found` is believed; nothing is sent again before it has answered."""

    found: Outcome


@immutable
class Wait:
    """The system took the submission: its answer is asked for later, and the record's offset goes on."""

    taken: Taken


Step: TypeAlias = Finish | Advance | TryAgain | LookUp | Wait


def decide(  # noqa: PLR0911 - one for each outcome
    outcome: Outcome, recovery: Recovery, *, in_doubt: bool, progress: Mapping[str, str] = _NONE
) -> Step:
    """Decide what an attempt's outcome means.

    ``in_doubt``: an earlier attempt of this submission (of this step) may have been processed. Then a refusal does not
    settle the submission (the system may refuse because it processed the earlier attempt), and neither does a failure.
    ``progress`` is what the steps before this one left: a step that leaves it as it is, is not done.
    """
    doubt = in_doubt and recovery is not Recovery.REPEAT
    match outcome:
        case Accepted():
            return Finish(State.ACCEPTED, outcome)
        case AlreadyExists():
            return LookUp(outcome)
        case Rejected():
            return LookUp(outcome) if doubt else Finish(State.REJECTED, outcome)
        case Advanced():
            return _advanced(outcome, progress, in_doubt=recovery is not Recovery.REPEAT)
        case Taken():
            return Wait(outcome)
        case Retry(reason, detail, delay, reauthorize):
            return TryAgain(reason, detail, doubt, delay, reauthorize)
        case Unknown():
            return _unknown(outcome, recovery)
        case Blocked(reason, detail):
            return held(outcome, detail) if doubt else Finish(State.FAILED, outcome, reason, detail)


def decide_looked_up(  # noqa: PLR0911 - one for each outcome
    outcome: Outcome | NotArrived, recovery: Recovery, progress: Mapping[str, str] = _NONE
) -> Finish | Advance | TryAgain | Wait:
    """Decide what the look-up's outcome means. A look-up that cannot be made now is made again later, alone.

    Under `hold` nothing follows from what the look-up does not show: the message may still be on its way.
    """
    match outcome:
        case Accepted():
            return Finish(State.ACCEPTED, outcome)
        case Rejected():
            return Finish(State.REJECTED, outcome)
        case Advanced():
            return _advanced(outcome, progress, in_doubt=True)
        case Taken():
            return Wait(outcome)
        case Retry(reason, detail, delay, reauthorize):
            return TryAgain(reason, detail, in_doubt=True, asked=delay, reauthorize=reauthorize)
        case Unknown(reason, detail, delay) if reason != Reason.OUTCOME_UNKNOWN:
            return TryAgain(reason, detail, in_doubt=True, asked=delay)
        case NotArrived():
            return _not_arrived(outcome, recovery)
        case _:
            return held(outcome, getattr(outcome, "detail", "the look-up did not determine the outcome"))


def refused(refusal: Refused, *, in_doubt: bool) -> Finish:
    """End a submission that must not be sent; held if an earlier attempt may have been processed."""
    detail = "; ".join(f"{p.path}: {p.message}" for p in refusal.problems) or refusal.reason
    outcome = Blocked(refusal.reason, detail)
    if in_doubt:
        return held(outcome, f"an earlier attempt is unanswered; the last one: {detail}")
    return Finish(State.FAILED, outcome, refusal.reason, detail, refusal.problems)


def give_up(step: TryAgain) -> Finish:
    """End the retries: unknown if any attempt may have been processed, failed if certainly none was."""
    if step.in_doubt:
        return held(Unknown(step.reason, step.detail), step.detail)
    if step.pending:
        detail = f"gave up waiting: {step.detail}"
        return Finish(State.FAILED, Blocked(Reason.STEP_NOT_DONE, detail), Reason.STEP_NOT_DONE, detail)
    detail = f"gave up retrying: {step.detail}"
    return Finish(State.FAILED, Blocked(Reason.RETRIES_EXHAUSTED, detail), Reason.RETRIES_EXHAUSTED, detail)


def give_up_defective(step: TryAgain) -> Finish:
    """End what a defect of Herald's stops again and again, so that its patient's next submissions go on."""
    if step.in_doubt:
        return held(Unknown(Reason.DEFECT, step.detail), step.detail)
    detail = f"gave up: {step.detail}"
    return Finish(State.FAILED, Blocked(Reason.DEFECT, detail), Reason.DEFECT, detail)


def too_many_steps(most: int) -> Finish:
    """End a submission whose steps lead nowhere: that is a defect of its system's."""
    detail = f"gave up: more than {most} steps"
    return Finish(State.FAILED, Blocked(Reason.DEFECT, detail), Reason.DEFECT, detail)


def at_step(end: Finish, step: str | None) -> Finish:
    """Return the end with the name of the step that it came at, where there is one and the end has a detail."""
    return end if step is None or end.detail is None else replace(end, detail=f"step {step}: {end.detail}")


def unwritable(end: Finish, detail: str) -> Finish:
    """Return the end whose reply can be written in place of one that cannot: a person reads the journal."""
    if end.state is State.FAILED:
        return Finish(State.FAILED, Blocked(Reason.DEFECT, detail), Reason.DEFECT, detail)
    return held(Unknown(Reason.DEFECT, detail), detail)


def held(outcome: Outcome, detail: str) -> Finish:
    """End the revision as held: only a person can find out whether the system processed the submission."""
    return Finish(State.HELD, outcome, Reason.OUTCOME_UNKNOWN, detail)


def without_look_up(found: Outcome) -> Finish:
    """End what only a look-up could settle, where the system has none."""
    if isinstance(found, Unknown):
        return held(found, found.detail)
    return held(found, "the system possibly has this already, and no query shows it")


def with_known(end: Finish, found: Outcome) -> Finish:
    """Return the end with what the system had stated, where no look-up could confirm it.

    ``found`` is what the look-ups were to settle.
    """
    if end.state is not State.HELD or not isinstance(found, AlreadyExists | Rejected):
        return end
    if isinstance(found, Rejected):
        known = "the system had refused the last attempt"
    elif found.reference is None:
        known = "the system had said that it has this already"
    else:
        known = f"the system had said that it has this already, as {found.reference}"
    return replace(end, outcome=found, detail=f"{end.detail}; {known}")


def cause_of(end: Finish) -> Reason | None:
    """Return the reason of the dead letter, or None: the obstacle, not that the outcome is in doubt."""
    if end.reason is Reason.OUTCOME_UNKNOWN and isinstance(end.outcome, Blocked):
        return end.outcome.reason
    return end.reason


def stated_errors(outcome: Outcome) -> tuple[StatedError, ...]:
    """Return the system's own errors, where the outcome carries any."""
    return outcome.errors if isinstance(outcome, Rejected | AlreadyExists | Blocked) else ()


def _advanced(outcome: Advanced, progress: Mapping[str, str], *, in_doubt: bool) -> Advance | TryAgain:
    """Go on, or come back to a step that is not done: what its request had for an effect is not known before it is."""
    if dict(outcome.progress) != dict(progress):
        return Advance(outcome.progress, outcome.delay)
    detail = "the system has not done it yet"
    return TryAgain(Reason.STEP_NOT_DONE, detail, in_doubt, outcome.delay)


def _not_arrived(outcome: NotArrived, recovery: Recovery) -> Finish | TryAgain:
    if recovery is Recovery.HOLD:
        detail = f"{outcome.detail}; this operation is never sent again automatically"
        return held(Unknown(outcome.reason, outcome.detail), detail)
    return TryAgain(outcome.reason, outcome.detail, in_doubt=recovery is not Recovery.LOOK_UP_FIRST)


def _unknown(outcome: Unknown, recovery: Recovery) -> Step:
    match recovery:
        case Recovery.REPEAT:
            return TryAgain(outcome.reason, outcome.detail, in_doubt=False, asked=outcome.delay)
        case Recovery.SAME_IDENTITY:
            return TryAgain(outcome.reason, outcome.detail, in_doubt=True, asked=outcome.delay)
        case Recovery.LOOK_UP_FIRST | Recovery.HOLD:
            return LookUp(outcome)
