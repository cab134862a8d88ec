"""Text that PostgreSQL can hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.journal.storable import storable, storable_or_none


@pytest.mark.parametrize("text", ["", "plain", "Иванова", "😀", "a\tb\n", "\u2400"])
def test_what_can_be_stored_stays_as_it_is(text):
    assert storable(text) is text


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("a\x00b", "a␀b"),
        ("\x00", "␀"),
        ("\ud800", "\ufffd"),
        ("ж\udfff\x00", "ж\ufffd␀"),
        ("\ud83d\ude00", "😀"),
    ],
)
def test_what_cannot_is_replaced(text, stored):
    assert storable(text) == stored


@given(st.text(st.characters(codec=None)))
def test_whatever_comes_can_be_stored(text):
    stored = storable(text)
    assert "\x00" not in stored
    assert storable(stored) == stored
    stored.encode()


def test_nothing_stays_nothing():
    assert storable_or_none(None) is None
    assert storable_or_none("\x00") == "␀"
