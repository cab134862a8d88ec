"""Derived ids: those that Python's own version 5 gives to the same names."""

from __future__ import annotations

import json
from uuid import NAMESPACE_URL, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.derived_ids import derived_id


@given(st.lists(st.one_of(st.text(), st.integers(), st.none()), max_size=4))
def test_they_are_version_5_uuids_of_the_names_as_json(names):
    assert derived_id(*names) == str(uuid5(NAMESPACE_URL, json.dumps(names)))


def test_they_stay_as_they_are():
    assert derived_id("herald-reply", "/his", "42", 0, "accepted") == "30e239ba-e805-5d6d-b99b-b426c407f33e"


@pytest.mark.parametrize(("one", "other"), [(("a", "b#c"), ("a#b", "c")), (("a", None), ("a", "None"))])
def test_other_names_have_other_ids(one, other):
    assert derived_id(*one) != derived_id(*other)
