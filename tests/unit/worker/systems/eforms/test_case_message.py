"""The hook for cases: what is sent, and what its answers mean."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from contracts.eforms.examples import CASE_MESSAGE
from contracts.reasons import Reason
from contracts.registry import validate
from worker.outcome import Accepted, Blocked, Rejected, Retry, StatedError, Unknown
from worker.systems.eforms.case_message import body_of, interpret, url_of
from worker.transport.port import Answer

NOW = datetime(2026, 3, 1, tzinfo=UTC)
JSON = {"content-type": "application/json"}


def event(**changes):
    return validate("eforms.case.message.v1", CASE_MESSAGE | changes, today=date(2026, 3, 1))


def read(status, body, *, truncated=False, not_processed=frozenset({429, 503})):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return interpret(Answer(status, JSON, content, truncated=truncated), not_processed, NOW)


@pytest.mark.parametrize("base", ["https://eforms.test", "https://eforms.test/"])
def test_the_address_names_the_case(base):
    key = CASE_MESSAGE["businessKey"]
    assert url_of(base, event()) == f"https://eforms.test/api/admin/cases/{key}/messages"


@pytest.mark.parametrize(
    ("changes", "more"),
    [
        ({}, {}),
        ({"tenantId": "t", "withoutTenantId": False}, {"tenantId": "t", "withoutTenantId": False}),
        ({"processVariables": {"a": None, "б": [1.5, {"process_variables": True}]}}, {}),
    ],
)
def test_what_the_event_gives_by_name_is_sent_as_it_is(changes, more):
    given_by_name = changes.get("processVariables", CASE_MESSAGE["processVariables"])
    expected = {"messageName": CASE_MESSAGE["messageName"], "processVariables": given_by_name, **more}

    assert json.loads(body_of(event(**changes))) == expected


def stated(status, message="Измислено"):
    return {"message": message, "status": status}


def refused(status):
    return (StatedError(type=status, reason="Измислено"),)


@pytest.mark.parametrize(
    ("status", "body", "kind", "fact"),
    [
        pytest.param(200, stated("OK"), Accepted, {"stated": "Измислено"}, id="success"),
        pytest.param(200, {"status": "OK"}, Accepted, {}, id="success-without-a-word"),
        pytest.param(200, stated("BAD_REQUEST"), Rejected, refused("BAD_REQUEST"), id="refused-by-200"),
        pytest.param(400, stated("BAD_REQUEST"), Rejected, refused("BAD_REQUEST"), id="refused"),
        pytest.param(401, stated("UNAUTHORIZED"), Blocked, Reason.ACCESS_DENIED, id="anothers-case"),
        pytest.param(200, stated("UNAUTHORIZED"), Blocked, Reason.ACCESS_DENIED, id="anothers-case-by-200"),
        pytest.param(401, b"", Blocked, Reason.ACCESS_DENIED, id="no-token"),
        pytest.param(403, {"error": "x"}, Blocked, Reason.ACCESS_DENIED, id="forbidden"),
        pytest.param(400, {"status": 400, "error": "x"}, Blocked, Reason.UNREADABLE_ANSWER, id="framework"),
        pytest.param(404, b"", Blocked, Reason.CONFIGURATION, id="no-such-address"),
        pytest.param(429, b"", Retry, Reason.TOO_MANY_REQUESTS, id="too-many"),
        pytest.param(500, stated("OK"), Unknown, Reason.UNEXPECTED_MESSAGE, id="success-by-500"),
        pytest.param(500, stated("BAD_REQUEST"), Unknown, Reason.UNEXPECTED_MESSAGE, id="refused-by-500"),
        pytest.param(200, stated("CREATED"), Unknown, Reason.UNEXPECTED_MESSAGE, id="another-status"),
        pytest.param(200, {}, Unknown, Reason.UNEXPECTED_MESSAGE, id="nothing-stated"),
        pytest.param(200, b"<html/>", Unknown, Reason.UNEXPECTED_MESSAGE, id="html"),
        pytest.param(503, b"", Unknown, Reason.UNAVAILABLE, id="a-503-may-come-after-processing"),
        pytest.param(500, b"", Unknown, Reason.SERVER_ERROR, id="server-error"),
    ],
)
def test_answers(status, body, kind, fact):
    outcome = read(status, body)

    assert type(outcome) is kind
    match outcome:
        case Accepted(data):
            assert data == fact
        case Rejected(errors):
            assert errors == fact
        case _:
            assert outcome.reason is fact


def test_half_an_answer_is_no_success():
    assert isinstance(read(200, stated("OK"), truncated=True), Unknown)


@given(
    st.integers(100, 599),
    st.binary(max_size=60)
    | st.dictionaries(
        st.sampled_from(["status", "message", "error"]),
        st.none() | st.integers() | st.text(max_size=5) | st.sampled_from(["OK", "ok", "BAD_REQUEST"]),
    ),
    st.booleans(),
)
@hypothesis_settings(deadline=None)
def test_no_answer_raises_and_success_is_never_invented(status, body, truncated):
    outcome = read(status, body, truncated=truncated)

    if isinstance(outcome, Accepted):
        assert status == 200
        assert not truncated
        assert str(body["status"]).upper() == "OK"
    else:
        assert isinstance(outcome, Rejected | Blocked | Retry | Unknown)
