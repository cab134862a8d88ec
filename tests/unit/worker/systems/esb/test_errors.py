"""The ESB's own error: read where it is one, and nothing is made of anything else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.systems.esb.access import failure, json_answer
from worker.outcome import StatedError
from worker.systems.esb.errors import EsbError, read_error
from worker.transport.port import Answer

STATED = (StatedError(type="C1", reason="Отказано"),)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (failure("EPAYMENT", "Отказано"), EsbError("EPAYMENT", STATED)),
        (failure("OAUTH", "Отказано", wait=30), EsbError("OAUTH", STATED, 30.0)),
        (failure("NEW-ONE"), EsbError("NEW-ONE", ())),
        ({"failureOrigin": "EPAYMENT", "cause": []}, EsbError("EPAYMENT", ())),
        (
            {"failureOrigin": "EPAYMENT", "cause": [{"code": 17, "message": None}]},
            EsbError("EPAYMENT", (StatedError(type="17"),)),
        ),
    ],
    ids=["causes", "wait", "an origin of its own", "no wait stated", "a number as a code"],
)
def test_an_error_is_read(content, expected):
    assert read_error(json_answer(content, 500)) == expected


@pytest.mark.parametrize("wait", [0, -5, 86401, "30", 1.5, True, None])
def test_a_wait_that_cannot_be_one_is_none(wait):
    content = failure("EPAYMENT", "x") | {"retryAfter": wait}
    assert read_error(json_answer(content)).retry_after is None


@pytest.mark.parametrize(
    "content",
    [
        {},
        [],
        "EPAYMENT",
        {"failureOrigin": "EPAYMENT"},
        {"failureOrigin": "", "cause": []},
        {"failureOrigin": 1, "cause": []},
        {"failureOrigin": "EPAYMENT", "cause": {"code": "1"}},
        {"failureOrigin": "EPAYMENT", "cause": ["text"]},
        {"failureOrigin": "EPAYMENT", "cause": [{}]},
        {"failureOrigin": "X" * 101, "cause": []},
    ],
    ids=str,
)
def test_anything_else_is_no_error(content):
    assert read_error(json_answer(content, 500)) is None


def test_a_cut_answer_is_no_error():
    whole = json.dumps(failure("EPAYMENT", "x")).encode()
    assert read_error(Answer(500, {}, whole, truncated=True)) is None


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(body):
    read_error(Answer(500, {}, body))
