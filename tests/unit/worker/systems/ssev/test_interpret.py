"""What each status and each form of an error means, whatever was asked for."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest

from contracts.reasons import Reason
from tests.support.systems.edelivery.answers import problem
from worker.outcome import Accepted, Blocked, Rejected, Retry, Unknown
from worker.systems.answer_settings import OperatorError
from worker.systems.ssev.interpret import Rules, interpret
from worker.transport.port import Answer

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
RULES = Rules(frozenset({429}), frozenset({400, 422}))
ABSENT = Accepted({"found": False})


def failure(origin="EDELIVERY", wait=None, causes=({"code": "C1", "message": "Причина"},)):
    return json.dumps({"failureOrigin": origin, "cause": list(causes), "retryAfter": wait}).encode()


def read(status, body=b"", headers=None, rules=RULES, absent=ABSENT):
    return interpret(lambda _: Accepted({}), Answer(status, headers or {}, body), rules, NOW, absent=absent)


ROWS = {
    "success": (200, b"{}", Accepted, None),
    "created": (201, b"{}", Accepted, None),
    "empty": (200, b"", Unknown, Reason.UNREADABLE_ANSWER),
    "html": (200, b"<html>", Unknown, Reason.UNREADABLE_ANSWER),
    "part": (206, b"{}", Unknown, Reason.UNREADABLE_ANSWER),
    "failure-with-success": (200, failure(), Unknown, Reason.SERVER_ERROR),
    "sentence": (400, b'"Unsupported value"', Rejected, None),
    "refusal-unreadable": (400, b"<html>", Blocked, Reason.UNREADABLE_ANSWER),
    "refusal-empty": (400, b"", Blocked, Reason.UNREADABLE_ANSWER),
    "esb-refusal": (400, failure(), Rejected, None),
    "esb-refusal-422": (422, failure(), Rejected, None),
    "esb-of-another": (400, failure("INTEGRATION"), Unknown, Reason.SERVER_ERROR),
    "esb-wait": (400, failure(wait=30), Unknown, Reason.SERVER_ERROR),
    "esb-without-cause": (400, failure(causes=()), Unknown, Reason.SERVER_ERROR),
    "esb-500": (500, failure(), Unknown, Reason.SERVER_ERROR),
    "esb-404": (404, failure(), Unknown, Reason.SERVER_ERROR),
    "token": (401, failure("OAUTH"), Retry, Reason.TOKEN_REFUSED),
    "access": (403, b"", Blocked, Reason.ACCESS_DENIED),
    "no-such-address": (404, b"", Blocked, Reason.NOT_FOUND),
    "no-such-method": (405, b"", Blocked, Reason.CONFIGURATION),
    "too-large": (413, b"", Blocked, Reason.REQUEST_TOO_LARGE),
    "too-many": (429, failure(), Retry, Reason.TOO_MANY_REQUESTS),
    "moved": (302, b"", Blocked, Reason.CONFIGURATION),
    "failed": (500, problem(500).body, Unknown, Reason.SERVER_ERROR),
    "bad-gateway": (502, b"<html>", Unknown, Reason.SERVER_ERROR),
    "unavailable": (503, b"", Unknown, Reason.UNAVAILABLE),
}


@pytest.mark.parametrize("name", ROWS)
def test_every_answer_has_one_meaning(name):
    status, body, kind, reason = ROWS[name]
    outcome = read(status, body)
    assert (type(outcome), getattr(outcome, "reason", None)) == (kind, reason)


def test_the_backends_own_404_says_that_there_is_no_such_thing():
    assert read(404, problem(404).body) == ABSENT
    assert isinstance(read(404, problem(404).body, absent=None), Blocked)


def test_errors_by_field_are_read_one_by_one():
    body = problem(400, errors={"Subject": ["'Subject' must not be empty.", 1], "": "Whole", "x": None}).body
    assert [(one.type, one.reason, one.faulty_attribute) for one in read(400, body).errors] == [
        ("validation", "'Subject' must not be empty.", "Subject"),
        ("validation", "Whole", None),
    ]


def test_a_problem_without_errors_states_its_detail_or_its_title():
    assert read(400, problem(400, detail="Причина").body).errors[0].reason == "Причина"
    assert read(400, problem(400).body).errors[0].reason == "Problem"


def test_very_many_and_very_long_errors_are_bounded():
    body = problem(400, errors={str(one): ["А" * 5000] for one in range(1000)}).body
    errors = read(400, body).errors
    assert len(errors) == 100
    assert {len(one.reason) for one in errors} == {2000}


def test_an_operators_error_can_be_replayed():
    rules = Rules(frozenset(), frozenset(), (OperatorError(says=re.compile("recipients")),))
    body = problem(400, errors={"RecipientProfileIds": ["Can not send to recipients"]}).body
    outcome = read(400, body, rules=rules)
    assert (type(outcome), outcome.errors[0].faulty_attribute) == (Blocked, "RecipientProfileIds")


def test_the_wait_of_the_esb_is_kept():
    assert read(500, failure(wait=30)).delay == 30
    assert read(429, b"", {"retry-after": "7"}).delay == 7
    assert read(429, failure(wait=30)).delay == 30
    assert read(429, failure(wait=30), {"retry-after": "7"}).delay == 7
