"""Whatever the register answers: nothing raises, and success is never invented."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.support.systems.erx.reading import (
    ISSUE,
    document,
    read,
)
from worker.outcome import Accepted, Blocked, Retry, Unknown
from worker.systems.erx.settings import Name

NAMES = st.sampled_from([name.value for name in Name])
HEADERS = st.dictionaries(st.sampled_from(["retry-after", "date", "content-type"]), st.text())


@given(NAMES, st.integers(0, 999), HEADERS, st.binary(), st.booleans())
@hypothesis_settings(deadline=None)
def test_no_bytes_raise_or_count_as_success(name, status, headers, body, truncated):
    outcome = read(name, status, body, headers=headers, truncated=truncated)
    if isinstance(outcome, Accepted):
        # Any bytes are an image to whoever says so.
        assert name == "barcode.image"
        assert headers["content-type"].strip().lower().startswith("image/")
    else:
        assert isinstance(outcome, Retry | Unknown | Blocked)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "Result",
                    "Success",
                    "Errors",
                    "success",
                    "T1",
                    "T2",
                    "t3",
                    "Entry",
                    "Response",
                    "Status",
                    "Id",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=30,
)


@given(NAMES, st.sampled_from([200, 400, 404, 500]), st.booleans(), JSON, JSON)
@hypothesis_settings(deadline=None)
def test_no_json_raises(name, status, success, result, errors):
    body = json.dumps({"Result": result, "Success": success, "Errors": errors}).encode()
    outcome = read(name, status, body)
    assert not isinstance(outcome, Accepted) or (status == 200 and success)


@given(st.data())
@hypothesis_settings(deadline=None)
def test_damaged_answers_never_raise_and_succeed_only_for_whole_statements(data):
    body = document()
    at = data.draw(st.integers(0, len(body)))
    damaged = body[:at] + data.draw(st.binary(max_size=4)) + body[at + data.draw(st.integers(0, 4)) :]
    outcome = read(ISSUE, 200, damaged)
    if isinstance(outcome, Accepted):
        assert json.loads(damaged)["Success"] is True
        assert {line["internalId"] for line in outcome.data["lines"]} == {"1000007543", "1000007544"}
