"""The recovery rules as tables: every outcome, under every rule, in doubt or not."""

from __future__ import annotations

import pytest

from contracts.problems import Problem
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
from worker.pipeline.decision import (
    Finish,
    LookUp,
    Step,
    TryAgain,
    decide,
    decide_looked_up,
    give_up,
    held,
    refused,
    stated_errors,
    with_known,
    without_look_up,
)
from worker.pipeline.ports import State
from worker.systems.port import Recovery, Refused

ERRORS = (StatedError(type="error", reason="RL080"),)
ACCEPTED = Accepted({"nrn": "25A01234B567"})
REJECTED = Rejected(ERRORS)
EXISTS = AlreadyExists(ERRORS, reference="25A01234B567")
RETRY = Retry(Reason.UNAVAILABLE, "turned away", delay=7.0)
UNKNOWN = Unknown(Reason.ANSWER_TIMEOUT, "no answer came")
BLOCKED = Blocked(Reason.ACCESS_DENIED, "the certificate has no access")
ABSENT = NotArrived(Reason.ANSWER_TIMEOUT, "the system does not have it")

REPEAT, SAME, LOOK, HOLD = (
    Recovery.REPEAT,
    Recovery.SAME_IDENTITY,
    Recovery.LOOK_UP_FIRST,
    Recovery.HOLD,
)

ACCEPT = Finish(State.ACCEPTED, ACCEPTED)
REJECT = Finish(State.REJECTED, REJECTED)
FAIL = Finish(State.FAILED, BLOCKED, BLOCKED.reason, BLOCKED.detail)


def _held(outcome: Outcome, detail: str) -> Finish:
    return Finish(State.HELD, outcome, Reason.OUTCOME_UNKNOWN, detail)


def _again(outcome: Retry | Unknown, *, in_doubt: bool) -> TryAgain:
    return TryAgain(outcome.reason, outcome.detail, in_doubt, getattr(outcome, "delay", None))


HELD_BLOCKED = _held(BLOCKED, BLOCKED.detail)

# outcome, rule: what it means the first time, what it means while an earlier attempt is in doubt
TABLE: list[tuple[Outcome, Recovery, Step, Step]] = [
    (ACCEPTED, REPEAT, ACCEPT, ACCEPT),
    (ACCEPTED, SAME, ACCEPT, ACCEPT),
    (ACCEPTED, LOOK, ACCEPT, ACCEPT),
    (ACCEPTED, HOLD, ACCEPT, ACCEPT),
    (REJECTED, REPEAT, REJECT, REJECT),
    # While an earlier attempt is in doubt, the refusal of a later one is not the whole truth.
    (REJECTED, SAME, REJECT, LookUp(REJECTED)),
    (REJECTED, LOOK, REJECT, LookUp(REJECTED)),
    (REJECTED, HOLD, REJECT, LookUp(REJECTED)),
    (EXISTS, REPEAT, LookUp(EXISTS), LookUp(EXISTS)),
    (EXISTS, SAME, LookUp(EXISTS), LookUp(EXISTS)),
    (EXISTS, LOOK, LookUp(EXISTS), LookUp(EXISTS)),
    (EXISTS, HOLD, LookUp(EXISTS), LookUp(EXISTS)),
    # A read leaves nothing behind that could be doubted.
    (RETRY, REPEAT, _again(RETRY, in_doubt=False), _again(RETRY, in_doubt=False)),
    (RETRY, SAME, _again(RETRY, in_doubt=False), _again(RETRY, in_doubt=True)),
    (RETRY, LOOK, _again(RETRY, in_doubt=False), _again(RETRY, in_doubt=True)),
    # Under `hold`, the next try of what is in doubt is a look-up.
    (RETRY, HOLD, _again(RETRY, in_doubt=False), _again(RETRY, in_doubt=True)),
    (UNKNOWN, REPEAT, _again(UNKNOWN, in_doubt=False), _again(UNKNOWN, in_doubt=False)),
    (UNKNOWN, SAME, _again(UNKNOWN, in_doubt=True), _again(UNKNOWN, in_doubt=True)),
    (UNKNOWN, LOOK, LookUp(UNKNOWN), LookUp(UNKNOWN)),
    (UNKNOWN, HOLD, LookUp(UNKNOWN), LookUp(UNKNOWN)),
    (BLOCKED, REPEAT, FAIL, FAIL),
    (BLOCKED, SAME, FAIL, HELD_BLOCKED),
    (BLOCKED, LOOK, FAIL, HELD_BLOCKED),
    (BLOCKED, HOLD, FAIL, HELD_BLOCKED),
]


def _name(case: object) -> str | None:
    return str(case) if isinstance(case, Recovery) else type(case).__name__


@pytest.mark.parametrize(("outcome", "recovery", "sure", "doubtful"), TABLE, ids=_name)
def test_an_outcome_means_what_the_rule_says(
    outcome: Outcome, recovery: Recovery, sure: Step, doubtful: Step
) -> None:
    assert decide(outcome, recovery, in_doubt=False) == sure
    assert decide(outcome, recovery, in_doubt=True) == doubtful


def test_the_table_is_whole() -> None:
    kinds = {Accepted, Rejected, AlreadyExists, Retry, Unknown, Blocked}
    assert {(type(outcome), recovery) for outcome, recovery, _, _ in TABLE} == {
        (kind, recovery) for kind in kinds for recovery in Recovery
    }


def test_a_refused_authorisation_is_passed_on() -> None:
    step = decide(Retry(Reason.TOKEN_REFUSED, "401", delay=0, reauthorize=True), SAME, in_doubt=False)

    assert step == TryAgain(Reason.TOKEN_REFUSED, "401", in_doubt=False, asked=0, reauthorize=True)


@pytest.mark.parametrize("recovery", [SAME, LOOK])
@pytest.mark.parametrize("outcome", [ACCEPTED, REJECTED])
def test_a_settled_look_up_ends_it(outcome: Outcome, recovery: Recovery) -> None:
    state = State.ACCEPTED if outcome is ACCEPTED else State.REJECTED

    assert decide_looked_up(outcome, recovery) == Finish(state, outcome)


@pytest.mark.parametrize(
    "outcome",
    [
        EXISTS,
        BLOCKED,
        Unknown(Reason.OUTCOME_UNKNOWN, "the system shows two of them"),
    ],
    ids=_name,
)
@pytest.mark.parametrize("recovery", list(Recovery))
def test_what_a_look_up_cannot_settle_is_held(outcome: Outcome, recovery: Recovery) -> None:
    step = decide_looked_up(outcome, recovery)

    assert isinstance(step, Finish)
    assert (step.state, step.outcome, step.reason) == (State.HELD, outcome, Reason.OUTCOME_UNKNOWN)
    assert step.detail


@pytest.mark.parametrize("recovery", [SAME, LOOK, HOLD])
def test_a_look_up_that_fails_in_passing_leaves_the_doubt(recovery: Recovery) -> None:
    assert decide_looked_up(UNKNOWN, recovery) == _again(UNKNOWN, in_doubt=True)


@pytest.mark.parametrize("recovery", [SAME, LOOK, HOLD])
def test_a_look_up_that_was_turned_away_leaves_the_doubt(recovery: Recovery) -> None:
    assert decide_looked_up(RETRY, recovery) == _again(RETRY, in_doubt=True)


@pytest.mark.parametrize(("recovery", "in_doubt"), [(LOOK, False), (SAME, True)])
def test_only_look_up_first_is_sure_again_when_nothing_had_arrived(
    recovery: Recovery, in_doubt: bool
) -> None:
    assert decide_looked_up(ABSENT, recovery) == TryAgain(ABSENT.reason, ABSENT.detail, in_doubt)


def test_under_hold_nothing_is_sent_again_though_the_look_up_does_not_show_it() -> None:
    step = decide_looked_up(ABSENT, HOLD)

    detail = f"{ABSENT.detail}; this operation is never sent again automatically"
    assert step == _held(Unknown(ABSENT.reason, ABSENT.detail), detail)


@pytest.mark.parametrize(
    ("found", "end"),
    [(UNKNOWN, _held(UNKNOWN, UNKNOWN.detail)), (EXISTS, None), (REJECTED, None)],
    ids=_name,
)
def test_without_a_look_up_it_is_held(found: Outcome, end: Finish | None) -> None:
    told = "the system possibly has this already, and no query shows it"
    assert without_look_up(found) == (end or _held(found, told))


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (EXISTS, "no answer; the system had said that it has this already, as 25A01234B567"),
        (AlreadyExists(ERRORS), "no answer; the system had said that it has this already"),
        (REJECTED, "no answer; the system had refused the last attempt"),
    ],
    ids=_name,
)
def test_what_is_held_keeps_what_the_system_had_said(found: Outcome, told: str) -> None:
    assert with_known(held(UNKNOWN, "no answer"), found) == _held(found, told)
    assert with_known(REJECT, found) == REJECT
    assert with_known(held(UNKNOWN, "no answer"), UNKNOWN) == held(UNKNOWN, "no answer")


PROBLEMS = (
    Problem("$.data.immunization.vaccineCode", "code-list", "use a code of CL038"),
    Problem("$.data.patient.birthDate", "not-in-future", "use a day that has been"),
)


def test_a_refused_event_fails_with_all_its_problems() -> None:
    end = refused(Refused(Reason.UNKNOWN_CODE, PROBLEMS), in_doubt=False)

    assert (end.state, end.reason, end.problems) == (State.FAILED, Reason.UNKNOWN_CODE, PROBLEMS)
    assert isinstance(end.outcome, Blocked)
    assert end.detail is not None
    assert all(problem.path in end.detail and problem.message in end.detail for problem in PROBLEMS)


def test_a_refused_event_is_held_while_an_earlier_attempt_is_in_doubt() -> None:
    end = refused(Refused(Reason.UNKNOWN_CODE, PROBLEMS), in_doubt=True)

    assert (end.state, end.reason) == (State.HELD, Reason.OUTCOME_UNKNOWN)
    assert end.detail is not None
    assert PROBLEMS[0].path in end.detail


def test_a_refusal_without_problems_still_says_why() -> None:
    assert refused(Refused(Reason.SCHEMA_VIOLATION, ()), in_doubt=False).detail == Reason.SCHEMA_VIOLATION


def test_giving_up_fails_what_certainly_was_not_processed() -> None:
    end = give_up(TryAgain(Reason.UNAVAILABLE, "turned away", in_doubt=False))

    assert (end.state, end.reason) == (State.FAILED, Reason.RETRIES_EXHAUSTED)
    assert end.detail is not None
    assert "turned away" in end.detail


def test_giving_up_holds_what_may_have_been_processed() -> None:
    end = give_up(TryAgain(Reason.UNAVAILABLE, "turned away", in_doubt=True))

    assert (end.state, end.reason) == (State.HELD, Reason.OUTCOME_UNKNOWN)
    assert end.outcome == Unknown(Reason.UNAVAILABLE, "turned away")


@pytest.mark.parametrize(
    ("outcome", "errors"), [(REJECTED, ERRORS), (EXISTS, ERRORS), (ACCEPTED, ()), (UNKNOWN, ())], ids=_name
)
def test_the_systems_own_errors_are_found(outcome: Outcome, errors: tuple[StatedError, ...]) -> None:
    assert stated_errors(outcome) == errors


def test_held_names_the_one_reason_that_a_person_looks_for() -> None:
    assert held(UNKNOWN, "why") == _held(UNKNOWN, "why")
