"""Only what a model names, and only of its types, reaches a reply."""

from __future__ import annotations

from typing import Literal

import pytest

from contracts.model import ContractModel
from worker.systems.typed import typed


class Inner(ContractModel):
    value: float | None = None


class Outer(ContractModel):
    kind: Literal["a", "b"] | None = None
    some_text: str | None = None
    flag: bool | None = None
    count: int | None = None
    inner: Inner | None = None
    many: tuple[Inner, ...] | None = None
    texts: tuple[str, ...] | None = None


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ({}, {}),
        ({"someText": "x", "other": 1}, {"someText": "x"}),
        ({"someText": 17}, {"someText": "17"}),
        ({"someText": True, "flag": "true", "count": True}, {}),
        ({"someText": None, "flag": False, "count": 0}, {"flag": False, "count": 0}),
        ({"count": 1.5}, {}),
        ({"inner": {"value": 3, "more": 1}}, {"inner": {"value": 3}}),
        ({"inner": [], "many": {}}, {}),
        ({"many": [{"value": 1.5}, 7, {}]}, {"many": [{"value": 1.5}, {}]}),
        ({"texts": ["a", None, ["b"]]}, {"texts": ["a"]}),
        ({"kind": "a"}, {"kind": "a"}),
        ({"kind": ["a"]}, {}),
    ],
)
def test_what_is_left(given, left):
    assert typed(Outer, given) == left
    Outer.model_validate(left, by_alias=True, by_name=False)


def test_a_name_that_is_there_twice_counts_for_nothing():
    def members(value, name):
        return [one for given, one in value.items() if given.lower() == name.lower()]

    assert typed(Outer, {"Flag": True, "flag": False, "SOMETEXT": "x"}, members) == {"someText": "x"}
