"""Events and headers on their way into columns and back."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from worker.journal.columns import event_columns, event_of, object_json, transposed
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


def test_rows_become_columns():
    assert transposed([(1, "a"), (2, "b")]) == [[1, 2], ["a", "b"]]
