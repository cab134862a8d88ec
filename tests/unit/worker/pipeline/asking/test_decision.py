"""What an ask's outcome means, under every recovery rule: as a table."""

from __future__ import annotations

import pytest

from contracts.reasons import Reason
from tests.support.fakes.later import TAKEN, later
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
from worker.pipeline.asking.decision import AskAgain, Asked, decide_asked, overdue
from worker.pipeline.decision import Finish, Wait, decide, decide_looked_up
from worker.pipeline.ports import State
from worker.systems.port import Recovery

ERRORS = (StatedError(reason="no right"),)
ACCEPTED, REJECTED = Accepted({"a": 1}), Rejected(ERRORS)

TABLE: list[tuple[Outcome | NotArrived, Asked]] = [
    (ACCEPTED, Finish(State.ACCEPTED, ACCEPTED)),
    (REJECTED, Finish(State.REJECTED, REJECTED)),
    (later(60.0), AskAgain("the system has no answer yet", taken=later(60.0), asked=60.0)),
    (
        Retry(Reason.TOKEN_REFUSED, "again", delay=5.0, reauthorize=True),
        AskAgain("again", Reason.TOKEN_REFUSED, asked=5.0, reauthorize=True),
    ),
    (Unknown(Reason.ANSWER_TIMEOUT, "late", delay=7.0), AskAgain("late", Reason.ANSWER_TIMEOUT, asked=7.0)),
    (Blocked(Reason.ACCESS_DENIED, "no access", ERRORS), AskAgain("no access", Reason.ACCESS_DENIED)),
    (
        AlreadyExists(ERRORS),
        AskAgain("the system says that it has this already", Reason.UNEXPECTED_MESSAGE),
    ),
]


@pytest.mark.parametrize("rule", list(Recovery))
@pytest.mark.parametrize(("outcome", "expected"), TABLE, ids=[type(row[0]).__name__ for row in TABLE])
def test_what_an_ask_means_does_not_depend_on_the_rule(
    outcome: Outcome | NotArrived, rule: Recovery, expected: Asked
) -> None:
    assert decide_asked(outcome, rule) == expected


@pytest.mark.parametrize("rule", list(Recovery))
def test_without_an_answer_only_what_reads_has_failed(rule: Recovery) -> None:
    state = State.FAILED if rule is Recovery.REPEAT else State.HELD
    lost = decide_asked(NotArrived(Reason.NOT_FOUND, "no such call"), rule)
    assert isinstance(lost, Finish)
    assert (lost.state, lost.reason, lost.detail) == (state, Reason.ANSWER_LOST, "no such call")
    late = overdue(AskAgain("the system has no answer yet"), rule)
    assert (late.state, late.reason) == (state, Reason.ANSWER_OVERDUE)
    assert late.detail is not None
    assert late.detail.endswith("the last ask: the system has no answer yet")


@pytest.mark.parametrize("rule", list(Recovery))
@pytest.mark.parametrize("in_doubt", [True, False])
def test_what_was_taken_waits_whatever_the_rule_and_whoever_found_it(rule: Recovery, in_doubt: bool) -> None:
    assert decide(TAKEN, rule, in_doubt=in_doubt) == Wait(TAKEN)
    assert decide_looked_up(TAKEN, rule) == Wait(TAKEN)
