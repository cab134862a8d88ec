"""I002 answers of kinds that integrators reported, each in a file: what they declare is not what their bytes are."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.systems.nhis.answers import LRN, MESSAGE_ID, NRN
from worker.outcome import Accepted
from worker.systems.nhis import response
from worker.systems.nhis.interpret import Expected, Rules, interpret
from worker.transport.port import Answer

CASES = Path(__file__).parent / "cases"


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("i002-declares-utf8.xml", "application/xml"),
        ("i002-declares-us-ascii.xml", "application/xml"),
        ("i002-declares-utf-16-is-utf-8.xml", "application/xml; charset=utf-8"),
        ("i002-declares-utf-16-is-utf-8.xml", "application/xml"),
    ],
)
def test_it_is_read_by_its_bytes(name, content_type):
    answer = Answer(200, {"content-type": content_type}, (CASES / name).read_bytes())
    expected = Expected(MESSAGE_ID, "I002", response.registered(LRN), lambda: "signer")
    rules = Rules(not_processed=frozenset(), general_errors=frozenset())
    outcome = interpret(expected, answer, rules, datetime(2026, 3, 1, tzinfo=UTC))
    assert outcome == Accepted({"nrn": NRN, "lrn": LRN, "status": "1"})
