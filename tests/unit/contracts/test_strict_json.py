"""What counts as JSON, and the one way in which it is written."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import strict_json
from contracts.strict_json import MAX_DEPTH, NotJson, canonical, parse
from tests.support import canonical_json

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
        '{"a":1,"a":":"}',
        '{"a" :1,"a":1}',
        '{"a":"\\u003a","b":1,"b":1}',
        '{"a":1,"\\u0061":1}',
        '[1e400,"\\u006eull"]',
        '{"a":null,"a":1e400}',
        "-1e309",
        "1" + "0" * 309 + ".0",
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


def same(one, other):
    """Equal, and of the same types; of floats also the sign of zero."""
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and repr(one) == repr(other)


TOKENS = st.sampled_from([
    *'{}[]:,"\\ \n',
    *('"a"', '"b"', '"a":1', '":"', '"null"', "null", "true", '"ж"', '"\\u003a"', '"\\u006eull"', '"\\ud800"'),
    *("0.0", "-0", "1e400", "1e-400", "NaN", "9007199254740993", "123456789012345678901234567890"),
])  # fmt: skip


@given(
    st.one_of(
        st.lists(TOKENS).map("".join), JSON.map(json.dumps), JSON.map(json.JSONEncoder(indent=1).encode)
    )
)
def test_what_is_read_quickly_is_what_is_read_strictly(text):
    quickly = strict_json._plainly_right(text)
    if quickly is not strict_json._DOUBTFUL:
        assert same(quickly, strict_json._read(text))


@given(st.text("0123456789.eE+-", max_size=40))
def test_numbers_are_read_quickly_as_they_are_read_strictly(text):
    quickly = strict_json._plainly_right(f"[{text}]")
    if quickly is not strict_json._DOUBTFUL:
        assert same(quickly, strict_json._read(f"[{text}]"))


@pytest.mark.parametrize(
    "text",
    [
        '{"a":{"b":[1,-2.5,null,true,"ж: \\" null"]}}',
        '{\n "a" : 1e300,\t"b":"\\u0436"\r}',
        "123456789012345678901",
    ],
)
def test_most_documents_are_read_quickly(text):
    too_long = text.isdigit()
    assert (strict_json._plainly_right(text) is strict_json._DOUBTFUL) is too_long
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


FLOATS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(-0.01, 0.01),
    st.floats(1e14, 1e18),
    st.integers(-330, 308).map(lambda power: float(f"1e{power}")),
)


@given(st.one_of(JSON, FLOATS, st.lists(FLOATS), st.dictionaries(st.text(), FLOATS)))
def test_the_form_is_that_of_the_standard_library(value):
    try:
        expected = canonical_json.canonical(value)
    except UnicodeEncodeError:
        with pytest.raises(UnicodeEncodeError):
            canonical(value)
        return
    assert canonical(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1e-7, b"1e-07"),
        ([0.00001, -0.000012], b"[1e-05,-1.2e-05]"),
        ({"a": 1e16, "b": 5e-324}, b'{"a":1e+16,"b":5e-324}'),
        ({"a": 1e-7, "b": "5e-9a53"}, b'{"a":1e-07,"b":"5e-9a53"}'),
        (["2e-10", {"a": [1e-7]}, 1e-7, ",5e-7,"], b'["2e-10",{"a":[1e-07]},1e-07,",5e-7,"]'),
        ([2**70, "e-", "0.0000", "null", None], b'[1180591620717411303424,"e-","0.0000","null",null]'),
        (
            {"\U00010000": 1, "\uffff": 2, "a\x7f\x1f": 3},
            '{"a\x7f\\u001f":3,"\uffff":2,"\U00010000":1}'.encode(),
        ),
    ],
)
def test_canonical_numbers_and_names(value, expected):
    assert canonical(value) == expected == canonical_json.canonical(value)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_no_number_is_written_as_null(number):
    for value in (number, [number], {"a": {"b": [1, number]}}):
        with pytest.raises(ValueError, match="not JSON compliant"):
            canonical(value)


def test_what_json_does_not_know_is_refused_or_asked_for():
    with pytest.raises(TypeError):
        canonical({"a": {1, 2}})
    write = strict_json.writer(sorted)
    assert write({"b": 1e-7, "a": {2, 1}}) == b'{"a":[1,2],"b":1e-07}'
    assert write({"b": 1, "a": {2, 1}}) == b'{"a":[1,2],"b":1}'
