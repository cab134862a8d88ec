"""Which dead letter an operator means."""

from __future__ import annotations

import pytest

from worker.admin.errors import AmbiguousId
from worker.admin.references import Match, meant
from worker.journal.claims import LetterState

LETTER = "5f0c7d0e-6a0e-5d0b-8f3c-0d6c4a9e2b11"
SIBLING = "5f0c7d0e-ffff-5d0b-8f3c-0d6c4a9e2b11"


def match(id=LETTER, submission="s-1", source="/his", state=LetterState.OPEN):  # noqa: A002 - the field's name
    return Match(id, submission, source, "conflict", state)


@pytest.mark.parametrize(
    ("reference", "matches", "expected"),
    [
        ("nobody", [], None),
        (LETTER, [match()], LETTER),
        ("5f0c", [match()], LETTER),
        ("s-1", [match()], LETTER),
        # Its whole id is meant, although it begins another one.
        ("5f0c", [match("5f0c"), match(LETTER, "s-2")], "5f0c"),
        # It died twice: what still waits is meant, what is over only where nothing waits.
        ("s-1", [match(SIBLING), match(state=LetterState.REPLAYED)], SIBLING),
        ("s-1", [match(SIBLING, state=LetterState.REPLAYING), match(state=LetterState.REPLAYED)], SIBLING),
        ("s-1", [match(state=LetterState.DISCARDED)], LETTER),
    ],
)
def test_one_is_meant(reference, matches, expected):
    assert meant(reference, matches) == expected


@pytest.mark.parametrize(
    "matches",
    [
        [match(), match(SIBLING, "s-2")],
        # Two of one submission wait, or none does.
        [match(), match(SIBLING)],
        [match(state=LetterState.REPLAYED), match(SIBLING, state=LetterState.DISCARDED)],
        # Two sources used the id: what waits at one is not what is meant of the other.
        [match(), match(SIBLING, source="/other", state=LetterState.REPLAYED)],
    ],
)
def test_several_are_named_and_none_is_chosen(matches):
    with pytest.raises(AmbiguousId) as told:
        meant("5f0c", matches)
    assert all(one.id in str(told.value) for one in matches)


def test_many_are_counted():
    with pytest.raises(AmbiguousId, match="and 4 more"):
        meant("5f0c", [match(f"{LETTER}-{n}", f"s-{n}") for n in range(9)])
