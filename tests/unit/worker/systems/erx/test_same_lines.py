"""Whether what the register shows says the same as what was sent."""

from __future__ import annotations

import pytest

from worker.systems.erx.same_lines import alike, part


@pytest.mark.parametrize(
    ("theirs", "mine", "same"),
    [
        ({"ab": 1.0}, {"ab": 1}, True),
        ({"ab": True}, {"ab": 1}, False),
        ({"ab": "1"}, {"ab": 1}, False),
        ({"ab": 1, "c": 2}, {"ab": 1}, False),
        ([1], [1], True),
        ([1, 2], [2], False),
        ([1], [1, 2], False),
        (None, {}, False),
        (None, [], False),
    ],
)
def test_alike(theirs, mine, same):
    assert alike(theirs, mine) == same


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"A-b": 1, "c": 2}, {"ab": 1}),
        ({"ab": 1, "AB": 1}, {"ab": [1, 1]}),
        ({"ab": None}, None),
        ([{"ab": 1}, {"c": 1}], [{"ab": 1}, None]),
        ([], None),
        ("text", "text"),
    ],
)
def test_part(value, found):
    assert part(value, {"ab": None}) == found
