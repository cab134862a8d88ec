"""What counts as JSON, and the one way in which it is written."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.strict_json import MAX_DEPTH, NotJson, canonical, parse

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "{",
        "{} {}",
        "{'a':1}",
        '{"a":1,}',
        "\ufeff{}",
        "NaN",
        "[Infinity]",
        "[-Infinity]",
        "[1e999]",
        '{"a":1,"a":1}',
        '[{"a":{"b":1,"b":2}}]',
        '["\\ud800"]',
        '{"\\udfff":1}',
        '{"a":"\\uDA00 x"}',
        '"\ud800"',
        '"\\ude00\\ud83d"',
        "9" * 5000,
        "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
        '{"a":' * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1),
        "[" * 200_000,
        "[" * 200_000 + "]" * 200_000,
    ],
    ids=lambda text: text[:20].encode("unicode_escape").decode() + f"…{len(text)}",
)
def test_refused(text):
    with pytest.raises(NotJson) as caught:
        parse(text)
    assert str(caught.value).endswith(".")
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "null",
        '"\\ud7ff\\ue000\\\\ud800"',
        "[" + "[]," * MAX_DEPTH + "{}]",
        '"\\ud83d\\ude00"',
        "[" * MAX_DEPTH + "]" * MAX_DEPTH,
        '{"a":{"a":1}}',
    ],
)
def test_taken(text):
    assert parse(text) == json.loads(text)


def test_the_reason_quotes_nothing():
    with pytest.raises(NotJson) as caught:
        parse('{"7223154154": x}')
    assert "7223154154" not in str(caught.value)


@given(JSON)
def test_what_is_written_reads_the_same(value):
    try:
        encoded = canonical(value)
    except UnicodeEncodeError:
        return
    assert parse(encoded.decode()) == value


def test_canonical():
    assert canonical({"б": 1, "a": [1.5, None, True]}) == '{"a":[1.5,null,true],"б":1}'.encode()


@pytest.mark.parametrize("unit", ["[],", "{},", "0,", '{"a":0},'])
def test_a_document_of_a_million_values_is_not_read(unit: str) -> None:
    """8 MB of them took 256 MB and 5 seconds."""
    with pytest.raises(NotJson, match="at most 400000 values"):
        parse("[" + unit * 1_000_000 + "0]")
    assert len(parse("[" + unit * 100_000 + "0]")) == 100_001
