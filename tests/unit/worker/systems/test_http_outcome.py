"""What a status says by itself: the same for every system, in its own words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from contracts.reasons import Reason
from worker.outcome import Blocked, Retry, Unknown
from worker.systems.answer_settings import NOT_PROCESSED
from worker.systems.http_outcome import not_processed_by, outcome_of_status, retry_if_turned_away
from worker.systems.port import Recovery
from worker.transport.port import Answer

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (
            429,
            {"retry-after": "7"},
            Retry(Reason.TOO_MANY_REQUESTS, "X did not accept the message (status 429)", 7.0),
        ),
        (503, {}, Retry(Reason.UNAVAILABLE, "X did not accept the message (status 503)", None)),
        (502, {}, None),
        (200, {"retry-after": "7"}, None),
    ],
)
def test_what_was_turned_away_is_tried_again(status, headers, expected):
    assert (
        retry_if_turned_away(Answer(status, headers, b""), frozenset({429, 503}), NOW, system="X") == expected
    )


UNSAID = "X failed ({}) and did not say whether it processed it"


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (500, {}, Unknown(Reason.SERVER_ERROR, UNSAID.format(500))),
        (502, {}, Unknown(Reason.SERVER_ERROR, UNSAID.format(502))),
        (503, {"retry-after": "7"}, Unknown(Reason.UNAVAILABLE, UNSAID.format(503), 7.0)),
        (504, {}, Unknown(Reason.SERVER_ERROR, UNSAID.format(504))),
        (408, {}, Unknown(Reason.SERVER_ERROR, UNSAID.format(408))),
        # RFC 8470: the server is unwilling to risk processing it now.
        (425, {}, Unknown(Reason.SERVER_ERROR, UNSAID.format(425))),
        # RFC 9110, 15.4.4: it leads to what processing the request has made.
        (303, {}, Unknown(Reason.SERVER_ERROR, UNSAID.format(303))),
        (
            429,
            {"retry-after": "3"},
            Unknown(Reason.TOO_MANY_REQUESTS, "X asks for fewer requests (429)", 3.0),
        ),
        (302, {}, Blocked(Reason.CONFIGURATION, "X does not accept the request at this address (302)")),
        (405, {}, Blocked(Reason.CONFIGURATION, "X does not accept the request at this address (405)")),
        (100, {}, Unknown(Reason.UNEXPECTED_MESSAGE, "the status 100 is not an answer of a service")),
        (999, {}, Unknown(Reason.UNEXPECTED_MESSAGE, "the status 999 is not an answer of a service")),
    ],
)
def test_a_status_alone_is_never_success_nor_a_refusal(status, headers, expected):
    assert outcome_of_status(Answer(status, headers, b""), NOW, system="X", message="request") == expected


@pytest.mark.parametrize("rule", list(Recovery))
def test_a_5xx_says_of_an_operation_under_hold_that_it_was_not_processed_only_where_the_operator_says_so(
    rule,
):
    assert not_processed_by(rule, NOT_PROCESSED, None) == {429}
    of_all = not_processed_by(rule, frozenset({429, 502, 503}), None)
    assert of_all == ({429} if rule is Recovery.HOLD else {429, 502, 503})
    assert not_processed_by(rule, frozenset({425, 503}), None) == (
        frozenset() if rule is Recovery.HOLD else {425, 503}
    )
    assert not_processed_by(rule, NOT_PROCESSED, frozenset({503})) == {503}
    assert not_processed_by(rule, NOT_PROCESSED, frozenset()) == frozenset()
