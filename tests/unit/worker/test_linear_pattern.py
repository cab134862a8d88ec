"""Patterns of the catalogue: the whole text, and never longer than its length."""

from __future__ import annotations

import time

import pytest

from worker.linear_pattern import LinearPattern


@pytest.mark.parametrize(
    ("pattern", "value", "fits"),
    [
        ("[0-9]{10}", "2201000001", True),
        ("[0-9]{10}", "22010000011", False),
        ("[0-9]{10}", "2201000001\n", False),
        ("a|bc", "bc", True),
        ("a|bc", "ac", False),
        ("^a$", "a", True),
        ("\\p{Cyrillic}+", "Измислен", True),
        ("", "", True),
    ],
)
def test_a_pattern_is_of_the_whole_text(pattern, value, fits):
    assert LinearPattern(pattern).fits(value) is fits


@pytest.mark.parametrize("pattern", ["[", "(?=a)", "(a)\\1", "a)|(b", "a{99999999999999999999}"])
def test_what_is_no_pattern_is_reported(pattern):
    with pytest.raises(ValueError, match="must be a regular expression"):
        LinearPattern(pattern)


def test_a_careless_pattern_stalls_nobody():
    careless = LinearPattern("(a+)+$")
    began = time.process_time()
    assert not careless.fits("a" * 254 + "!")
    # Python's own engine would need longer than the world is old.
    assert time.process_time() - began < 5
