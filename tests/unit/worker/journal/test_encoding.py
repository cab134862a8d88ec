"""Events, headers and text on their way into columns, and back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.journal.encoding import (
    event_columns,
    event_of,
    object_json,
    storable,
    storable_or_none,
    transposed,
)
from worker.pipeline.ports import Event

EVENTS = st.builds(
    Event,
    topic=st.text(min_size=1),
    key=st.none() | st.binary(),
    value=st.none() | st.binary(),
    headers=st.lists(st.tuples(st.text(), st.binary())).map(tuple),
)


@given(EVENTS)
def test_an_event_comes_back_byte_for_byte(event):
    assert event_of(*event_columns(event)) == event


@given(EVENTS)
def test_headers_are_ascii_without_a_raw_nul(event):
    written = event_columns(event)[2]
    assert written.isascii()
    assert "\x00" not in written


def test_an_object_keeps_its_names_and_values():
    assert json.loads(object_json({"a": "\x00é", "b": ""})) == {"a": "\x00é", "b": ""}


@pytest.mark.parametrize("text", ["plain", '\x00\t\n"\\/', "é", "\u2028", "😀", "\ud800", "\x7f"])
def test_an_object_is_written_in_ascii_whatever_it_holds(text):
    written = object_json({text: text})

    assert written.isascii()
    assert json.loads(written) == {text: text}


def test_rows_become_columns():
    assert transposed([(1, "a"), (2, "b")]) == [(1, 2), ("a", "b")]


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
