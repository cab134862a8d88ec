"""Whatever the system answers: nothing raises, and success is never invented."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.support.systems.epayment.answers import PAYMENT_ID, taken
from tests.support.systems.epayment.reading import read
from worker.outcome import Accepted, AlreadyExists, Blocked, Rejected, Retry, Unknown
from worker.systems.epayment.settings import Name

NAMES = st.sampled_from([name.value for name in Name])
CHANGES = {Name.SUSPEND, Name.SET_PAID}
HEADERS = st.dictionaries(st.sampled_from(["retry-after", "date", "content-type"]), st.text())
MEMBERS = st.sampled_from(
    (
        *("acceptedReceiptJson", "UnacceptedReceiptJson", "unacceptedReceiptJson", "id", "Id", "errors"),
        *(
            "status",
            "Message",
            "paymentStatuses",
            "result",
            "count",
            "accessCode",
            "changeTime",
            "applicantUin",
        ),
    )
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(PAYMENT_ID),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(MEMBERS, inner, max_size=4),
    max_leaves=30,
)


@given(NAMES, st.integers(0, 999), HEADERS, st.binary(), st.booleans())
@hypothesis_settings(deadline=None)
def test_no_bytes_raise_or_count_as_success(name, status, headers, body, truncated):
    outcome = read(name, status, body, headers=headers, truncated=truncated)
    if isinstance(outcome, Accepted):
        # The document says that a change is answered by nothing at all.
        assert name in CHANGES
        assert (body.strip(), truncated) == (b"", False)
    else:
        assert isinstance(outcome, Retry | Unknown | Blocked)


@given(NAMES, st.sampled_from([200, 400, 404, 500]), st.dictionaries(MEMBERS, JSON, max_size=5))
@hypothesis_settings(deadline=None)
def test_no_json_raises(name, status, document):
    outcome = read(name, status, json.dumps(document).encode())
    assert isinstance(outcome, Accepted | AlreadyExists | Rejected | Retry | Unknown | Blocked)
    assert not isinstance(outcome, Accepted) or status == 200


@given(st.data())
@hypothesis_settings(deadline=None)
def test_a_damaged_answer_is_success_only_where_it_still_states_it(data):
    body = taken()
    at = data.draw(st.integers(0, len(body)))
    damaged = body[:at] + data.draw(st.binary(max_size=4)) + body[at + data.draw(st.integers(0, 4)) :]
    outcome = read("payment.request", 200, damaged)
    if isinstance(outcome, Accepted):
        stated = {
            name.lower(): one
            for name, one in json.loads(damaged.decode("utf-8", "replace").lstrip("\ufeff")).items()
        }
        assert stated["unacceptedreceiptjson"] is None
        receipt = {name.lower(): one for name, one in stated["acceptedreceiptjson"].items()}
        assert receipt["id"] == outcome.reference
