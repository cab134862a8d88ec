"""The report: one line of JSON in the form that programs read, and lines that a person can follow."""

from __future__ import annotations

import json

from tests.chaos.evidence import Evidence, Reply, Row, Sent
from tests.chaos.report import SHOWN, Report
from tests.support.worker.hospital import SEARCH

GOOD = Evidence(
    sent=(Sent("a", "p", SEARCH, 0, 0),),
    replies=(Reply("a", 1, "accepted", "said", 1.0),),
    rows=(Row("a", SEARCH, "lrn", "accepted", 1, True, None, frozenset()),),
)


def test_the_line_holds_every_count():
    report = Report.of(GOOD, {"zombie": 2, "kill-9": 1}, 12.345, 7)

    assert report.good
    assert json.loads(report.line()) == {
        "submissions": 1,
        "answered": 1,
        "lost": 0,
        "answered_twice": 0,
        "registered_twice": 0,
        "sent_twice": 0,
        "notifications_lost": 0,
        "notified_twice": 0,
        "files_missing": 0,
        "copied": 0,
        "out_of_order": 0,
        "disagreements": 0,
        "held": 0,
        "asynchronous": 0,
        "notifications": 0,
        "messages_sent": 0,
        "messages_opened": 0,
        "files": 0,
        "copies": 0,
        "faults": {"kill-9": 1, "zombie": 2},
        "seconds": 12.3,
        "seed": 7,
    }
    assert report.sentences() == ["1 records published; replies with repeats: 1 accepted"]


def test_what_is_wrong_is_counted_and_reported_but_not_without_end():
    lost = tuple(Sent(f"s-{n}", "p", SEARCH, 0, n) for n in range(SHOWN + 5))

    report = Report.of(Evidence(sent=lost), {}, 1.0, 1)

    assert not report.good
    assert json.loads(report.line())["lost"] == SHOWN + 5
    assert len(report.sentences()) == SHOWN + 2
    assert report.sentences()[-1] == "lost: and 5 more"
