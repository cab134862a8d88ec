"""The reference number in a settlement's reply: the one that the dead letter has."""

from __future__ import annotations

import pytest

from worker.admin.settlement import _number
from worker.admin.settlement_sql import Letter
from worker.journal.claims import LetterState
from worker.pipeline.ports import Event


@pytest.mark.parametrize(
    ("headers", "number"), [((("herald-rnu", b"BGEM1"),), "BGEM1"), ((), None)], ids=["drawn", "none"]
)
def test_it_is_that_of_the_dead_letter(headers, number):
    letter = Letter(LetterState.OPEN, Event("t", b"k", b"v", headers), None)
    assert _number(letter, None) == number
