"""The request log: what is shown of a request, and the counts by what came of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from sandbox.request_log import RequestLog

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def arrived(log, operation, *, answer=None, outcome="answered", status=200):
    logged = log.add(NOW, operation, {"operation": operation, "signer": "one"})
    logged.answer = answer
    log.came_to(logged, outcome, status)
    return logged


def test_counts_are_by_kind_of_answer_else_by_status_else_by_what_happened():
    log = RequestLog()
    arrived(log, "I001", answer="I002")
    arrived(log, "I001", answer="I002")
    arrived(log, "I001", answer="I002", outcome="dropped", status=None)
    arrived(log, "read", status=404)
    arrived(log, None, status=500)

    assert log.counters() == {
        "I001": {"I002": 2, "dropped": 1},
        "read": {"404": 1},
        "unreadable": {"500": 1},
    }


def test_an_arrival_is_open_until_something_comes_of_it():
    log = RequestLog()
    open_one = log.add(NOW, "I001", {"operation": "I001"})

    assert json.loads(json.dumps(open_one.shown())) == {
        "seq": 1,
        "at": NOW.isoformat(),
        "late": 0.0,
        "operation": "I001",
        "fault": None,
        "processed": False,
        "answer": None,
        "status": None,
        "outcome": "open",
    }
    assert log.counters() == {}


def test_forgetting_begins_anew():
    log = RequestLog()
    arrived(log, "I001")
    log.forget()

    assert (list(log), log.counters()) == ([], {})
    assert arrived(log, "I001").seq == 1
