"""Numbers of the central generator: when one is drawn, what is asked, and what each answer means."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.reasons import Reason
from contracts.reference_number import generated
from tests.support.contract_events import submission
from tests.support.systems.esb.access import NOW, Service, access, failure, json_answer
from worker.outcome import Accepted, Advanced, Blocked, Retry, Unknown
from worker.systems.esb.orn import Numbers, kept
from worker.systems.esb.settings import OrnSettings
from worker.systems.port import Attempt, Recovery
from worker.transport.port import Answer

SETTINGS = OrnSettings(bulstat="000000000", type_service="1-1", uri_service="e&1")
SEND = "edelivery.message.send.v1"
WITHOUT = replace(submission(SEND), rnu=None)


def numbers(service=None):
    esb, _ = access(service or Service())
    return Numbers(esb, SETTINGS, lambda: NOW)


def test_a_number_is_drawn_first_and_never_again():
    step = numbers().step(WITHOUT, {})
    assert (step.name, step.recovery) == ("number", Recovery.REPEAT)
    assert numbers().step(WITHOUT, {"rnu": "BGEM1"}) is None
    assert numbers().step(replace(WITHOUT, rnu="given"), {}) is None


def test_what_was_under_way_before_goes_on_with_the_number_that_it_had():
    progress = {"begun": "x"}
    assert numbers().step(WITHOUT, progress) is None
    assert WITHOUT.with_number(progress).rnu == generated(WITHOUT.source, WITHOUT.id)


def test_a_drawn_number_is_the_submissions_own_even_where_numbers_are_no_longer_drawn():
    for earlier in (WITHOUT, replace(WITHOUT, rnu="local")):
        numbered = earlier.with_number({"rnu": "BGEM1"})
        assert (numbered.rnu, numbered.numbered, numbered.ref.rnu) == ("BGEM1", True, "BGEM1")
    assert WITHOUT.with_number({}) is WITHOUT


def test_later_steps_keep_the_number():
    later = kept({"rnu": "BGEM1"}, Advanced({"begun": "x"}, 5.0))
    assert later == Advanced({"begun": "x", "rnu": "BGEM1"}, 5.0)
    assert kept({}, Advanced({"begun": "x"})) == Advanced({"begun": "x"})
    assert kept({"rnu": "BGEM1"}, Accepted({})) == Accepted({})


async def test_the_question_is_the_generators():
    service = Service()
    prepared = await numbers(service).prepare(WITHOUT, Attempt(1, "m", NOW, "i"))
    url = urlsplit(prepared.url)
    assert (prepared.method, url.netloc, url.path) == (
        "GET",
        "esb.test:5051",
        "/orn/connector/v1/WebServiceUniqueNumber",
    )
    asked = {"bulstat": ["000000000"], "type_service": ["1-1"], "uri_service": ["e&1"]}
    assert parse_qs(url.query) == asked
    assert prepared.secret_headers == {"authorization": "Bearer t-1"}
    assert "scope=%2Forn%2A" in service.tokens[0].url


@pytest.mark.parametrize(
    "content",
    [
        {"orn": "BGEM11115H0"},
        {"return_code": "200", "description_code": "OK", "orn": "BGEM11115H0"},
        {"return_code": 200, "orn": "BGEM11115H0"},
    ],
    ids=["alone", "code", "number"],
)
def test_a_number_is_read(content):
    assert numbers().interpret(json_answer(content)) == Advanced({"rnu": "BGEM11115H0"})


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        (json_answer({"return_code": "500", "orn": ""}), Blocked, Reason.CONFIGURATION),
        (json_answer({"return_code": "500", "orn": "BGEM1"}), Blocked, Reason.CONFIGURATION),
        (json_answer({"return_code": "200", "orn": ""}), Unknown, Reason.UNEXPECTED_MESSAGE),
        (json_answer({"orn": "a b"}), Unknown, Reason.UNEXPECTED_MESSAGE),
        (json_answer({"orn": "x" * 65}), Unknown, Reason.UNEXPECTED_MESSAGE),
        (json_answer([]), Unknown, Reason.UNEXPECTED_MESSAGE),
        (Answer(200, {}, b'{"orn":'), Unknown, Reason.UNEXPECTED_MESSAGE),
        (json_answer(failure("INTEGRATION", "x", wait=9), 503), Unknown, Reason.SERVER_ERROR),
        (json_answer(failure("INTEGRATION", "x")), Unknown, Reason.SERVER_ERROR),
        (json_answer({}, 503), Unknown, Reason.UNAVAILABLE),
        (json_answer({}, 429), Retry, Reason.TOO_MANY_REQUESTS),
        (json_answer({}, 401), Retry, Reason.TOKEN_REFUSED),
        (json_answer({}, 403), Blocked, Reason.ACCESS_DENIED),
        (json_answer({}, 404), Blocked, Reason.CONFIGURATION),
    ],
    ids=[
        "500",
        "500 orn",
        "empty",
        "two",
        "long",
        "list",
        "cut",
        "wait",
        "dto",
        "503",
        "429",
        "401",
        "403",
        "404",
    ],
)
def test_what_has_no_number_draws_none(answer, kind, reason):
    outcome = numbers().interpret(answer)
    assert (type(outcome), outcome.reason) == (kind, reason)


@pytest.mark.parametrize("status", [429, 503])
def test_the_wait_that_the_esb_states_is_kept(status):
    assert numbers().interpret(json_answer(failure("INTEGRATION", "x", wait=9), status)).delay == 9


@given(st.binary(max_size=200), st.integers(100, 599))
def test_no_bytes_make_a_number_of_nothing_or_raise(body, status):
    assert not isinstance(numbers().interpret(Answer(status, {}, body)), Advanced | Accepted)
