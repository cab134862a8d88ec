"""What a status says by itself: the same for every system, in its own words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from contracts.reasons import Reason
from worker.outcome import Blocked, Retry, Unknown
from worker.systems.http_outcome import outcome_of_status, retry_if_turned_away
from worker.transport.port import Answer

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (429, {"retry-after": "7"}, Retry(Reason.TOO_MANY_REQUESTS, "X turned the message away (429)", 7.0)),
        (503, {}, Retry(Reason.UNAVAILABLE, "X turned the message away (503)", None)),
        (502, {}, None),
        (200, {"retry-after": "7"}, None),
    ],
)
def test_what_was_turned_away_is_tried_again(status, headers, expected):
    assert (
        retry_if_turned_away(Answer(status, headers, b""), frozenset({429, 503}), NOW, system="X") == expected
    )


@pytest.mark.parametrize(
    ("status", "kind", "reason", "detail"),
    [
        (500, Unknown, Reason.SERVER_ERROR, "X failed (500) and did not say whether it processed it"),
        (504, Unknown, Reason.SERVER_ERROR, "X failed (504) and did not say whether it processed it"),
        (408, Unknown, Reason.SERVER_ERROR, "X failed (408) and did not say whether it processed it"),
        (302, Blocked, Reason.CONFIGURATION, "X does not take the request at this address (302)"),
        (405, Blocked, Reason.CONFIGURATION, "X does not take the request at this address (405)"),
        (100, Unknown, Reason.UNEXPECTED_MESSAGE, "the status 100 is none that a service answers with"),
        (999, Unknown, Reason.UNEXPECTED_MESSAGE, "the status 999 is none that a service answers with"),
    ],
)
def test_a_status_alone_is_never_success_nor_a_refusal(status, kind, reason, detail):
    assert outcome_of_status(status, system="X", message="request") == kind(reason, detail)
