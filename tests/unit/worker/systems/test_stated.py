"""Sentences are searched within a bound, and values that are not there are left out."""

from __future__ import annotations

import re

from worker.systems.stated import LONGEST_SEARCHED, says, without_gaps

PATTERNS = (re.compile("already"), re.compile("known"))


def test_a_sentence_is_searched_up_to_a_bound():
    assert says("it is known", PATTERNS)
    assert says(" " * (LONGEST_SEARCHED - 5) + "known", PATTERNS)
    assert not says(" " * (LONGEST_SEARCHED - 4) + "known", PATTERNS)
    assert not says("it is new", PATTERNS)
    assert not says(None, PATTERNS)


def test_gaps_are_left_out():
    assert without_gaps(one=1, none=None, empty="", zero=0) == {"one": 1, "empty": "", "zero": 0}
