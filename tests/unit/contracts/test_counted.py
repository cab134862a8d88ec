"""Singular and plural."""

from __future__ import annotations

import pytest

from contracts.counted import counted


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 replies"), (1, "1 reply"), (2, "2 replies"), (101, "101 replies")]
)
def test_a_number_agrees_with_its_noun(number, said):
    assert counted(number, "reply", "replies") == said


def test_most_nouns_get_an_s():
    assert (counted(1, "submission"), counted(2, "submission")) == ("1 submission", "2 submissions")
