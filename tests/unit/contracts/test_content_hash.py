"""The same content has the same hash, however it is written; other content has another one."""

from __future__ import annotations

import hashlib
import json
import random
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from contracts.content_hash import content_hash, meaning_hash
from contracts.fields import Day, Moment, Quantity
from contracts.registry import EVENT_TYPES, validate
from contracts.strict_json import parse
from tests.support.canonical_json import canonical

NUMBERS = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(codec="utf-8"))
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=15,
)


def hashed(data, verbatim=()):
    return content_hash("t", "s", data, verbatim)


def written(data):
    return hashed(parse(data))


def number(value, chosen):
    """The same number in another of its forms."""
    if isinstance(value, float):
        return chosen.choice([repr(value), f"{value!r}E0" if "e" not in repr(value) else repr(value).upper()])
    if abs(value) <= 2**53:
        return chosen.choice([str(value), f"{value}.0", f"{value}.00e+0"])
    return str(value)


def text(value, chosen):
    return json.dumps(value, ensure_ascii=chosen.random() < 0.5)


def rewritten(value, chosen):
    """The same JSON value in other bytes: order, white space, escapes, forms of numbers, nulls for absent members."""
    space = chosen.choice(["", " ", "\n\t"])
    if isinstance(value, dict):
        members = [(name, member) for name, member in value.items() if member is not None]
        members += [
            (name, None) for name in (*value, "never") if value.get(name) is None and chosen.random() < 0.5
        ]
        chosen.shuffle(members)
        inner = (f"{text(name, chosen)}{space}:{rewritten(member, chosen)}" for name, member in members)
        return f"{space}{{{','.join(inner)}{space}}}"
    if isinstance(value, list):
        return f"{space}[{','.join(rewritten(item, chosen) for item in value)}]{space}"
    if isinstance(value, bool) or value is None:
        return space + json.dumps(value)
    return text(value, chosen) + space if isinstance(value, str) else space + number(value, chosen)


@given(JSON, st.randoms(use_true_random=False))
def test_the_same_content_written_in_another_way_has_the_same_hash(data, chosen):
    assert written(rewritten(data, chosen)) == hashed(data)


@pytest.mark.parametrize("event_type", EVENT_TYPES)
@pytest.mark.parametrize("seed", range(5))
def test_every_event_written_in_another_way_has_the_same_hash(event_type, seed):
    example = json.loads(json.dumps(EVENT_TYPES[event_type].example, default=dict))
    assert written(rewritten(example, random.Random(seed))) == hashed(example)


def plain(value):
    """An independent reading of what counts: pairs for numbers, no null members."""
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return (type(value) is bool, value)


@pytest.mark.parametrize(
    "text", ['{"a":1.0}', '{"a":[1.0]}', '{"a":1.0,"b":"Z23.0"}', '{"a":[1.0,2],"b":",3.0,"}']
)
def test_a_whole_number_is_found_wherever_it_stands(text):
    assert written(text) == written(text.replace("1.0", "1"))


@given(JSON, JSON)
def test_other_content_has_another_hash(one, other):
    assert (hashed(one) == hashed(other)) == (plain(one) == plain(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"a":1}', '{"a":true}'),
        ('{"a":1}', '{"a":"1"}'),
        ('{"a":0}', '{"a":false}'),
        ('{"a":[]}', '{"a":[null]}'),
        ('{"a":[null,1]}', '{"a":[1,null]}'),
        ('{"a":{}}', "{}"),
        ('{"a":""}', "{}"),
        ('{"a":9007199254740993}', '{"a":9007199254740992}'),
        ('{"a":100000000000000000000000}', '{"a":100000000000000000000001}'),
        ('{"a":1e23}', '{"a":99999999999999991611392}'),
        ('{"a":1e23}', '{"a":1e22}'),
        ('{"a":1e-400}', '{"a":1e-300}'),
        ('{"a":1}', '{"a":-1}'),
        ('{"a":0}', '{"a":"-0"}'),
        ('{"a":"\\u00e9"}', '{"a":"e\\u0301"}'),
    ],
)
def test_what_stays_other_content(one, other):
    assert written(one) != written(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"a":null}', "{}"),
        ('{"a":{"b":null},"c":[{"d":null}]}', '{"c":[{}],"a":{}}'),
        ('{"a":1.0}', '{"a":1}'),
        ('{"a":1e2}', '{"a":100}'),
        ('{"a":-0.0}', '{"a":0}'),
        ('{"a":-0}', '{"a":0.0}'),
        ('{"a":-0e5}', '{"a":0}'),
        ('{"a":1e-400}', '{"a":0}'),
        ('{"a":1e23}', '{"a":1E+23}'),
        ('{"a":1e23}', '{"a":100000000000000000000000}'),
        ('{"a":-1e23}', '{"a":-100000000000000000000000.0}'),
        ('{"a":1e308}', f'{{"a":1{"0" * 308}}}'),
        ('{"a":12e1}', '{"a":1.2e2}'),
        ('{"a":0.1}', '{"a":0.10000000000000000001}'),
        ('{"a":0.50}', '{"a":5e-1}'),
        ('{"\\u0061":"\\u0416"}', '{"a":"Ж"}'),
        ('{"a":"\\ud83d\\ude00"}', '{"a":"😀"}'),
        (' {\n"a" :\t1 } ', '{"a":1}'),
        ("null", " null"),
    ],
)
def test_what_is_the_same_content(one, other):
    assert written(one) == written(other)


def test_type_and_signer_are_content():
    assert len({content_hash("t", "s", {}), content_hash("u", "s", {}), content_hash("t", "r", {})}) == 3


def test_a_document_that_is_passed_on_keeps_its_nulls():
    assert hashed({"json": {"a": None}}, {"json"}) != hashed({"json": {}}, {"json"})
    assert hashed({"json": {"a": 1.0}}, {"json"}) == hashed({"json": {"a": 1}}, {"json"})
    # The member itself is an optional field: null is absent.
    assert hashed({"json": None, "xml": "<a/>"}, {"json"}) == hashed({"xml": "<a/>"}, {"json"})
    assert hashed({"parts": [{"json": [{"a": None}]}]}, {"parts.json"}) != hashed(
        {"parts": [{"json": [{}]}]}, {"parts.json"}
    )
    # Only the named path is one that is passed on.
    assert hashed({"json": {"json": {"a": None}}}, {"parts.json"}) == hashed({"json": {"json": {}}})
    assert hashed({"parts": {"json": {"a": None}}}, {"json"}) == hashed({"parts": {"json": {}}})


SUBMIT = "nhif.document.submit.v1"
SERVICE = {"module": "pspsmi", "version": "v1", "service": "PBR001"}


def document(json_value):
    return SERVICE | {"json": json_value}


def part(json_value):
    return SERVICE | {"multipart": [{"name": "a", "json": json_value}]}


@pytest.mark.parametrize("put", [document, part])
@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": None}, {}, False),
        ({"b": {"a": None}}, {"b": {}}, False),
        ([None], [], False),
        ({"a": 1.0}, {"a": 1}, True),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
    ],
)
def test_a_document_with_a_null_is_another_one_than_without(put, one, other, same):
    verbatim = EVENT_TYPES[SUBMIT].verbatim
    assert (hashed(put(one), verbatim) == hashed(put(other), verbatim)) is same
    if not same:
        assert meaning(SUBMIT, put(one)) != meaning(SUBMIT, put(other))


def test_the_hash_stays_what_it_is():
    # The journal keeps hashes for ever: another result would turn every duplicate into a conflict.
    expected = hashlib.sha256('["t","s",{"а":0.5,"б":2}]'.encode()).digest()
    assert hashed({"б": 2.0, "а": 0.5, "в": None}) == expected


def spelled_out(value):
    """What a model holds, written field by field: the form of which the journal has hashes."""
    if isinstance(value, BaseModel):
        fields = ((name, getattr(value, name)) for name in type(value).model_fields)
        return {name: spelled_out(member) for name, member in fields if member is not None}
    if isinstance(value, dict):
        return {name: spelled_out(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [spelled_out(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return format(value.normalize(), "f") if isinstance(value, Decimal) else value


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_a_meaning_is_hashed_as_it_ever_was(event_type):
    model = validate(event_type, EVENT_TYPES[event_type].example, today=date(2026, 3, 1))
    expected = hashlib.sha256(canonical(["t", "s", spelled_out(model)])).digest()
    assert meaning_hash("t", "s", model) == expected
    assert meaning_hash("t", "s", model, "R1") != expected


@given(JSON, st.decimals(allow_nan=False, allow_infinity=False, places=4) | st.none())
def test_any_document_in_a_model_is_hashed_as_it_ever_was(document, amount):
    model = Passed(document=document, inner=(Passed(amount=amount), Passed()), amount=amount)
    assert meaning_hash("t", "s", model) == hashlib.sha256(canonical(["t", "s", spelled_out(model)])).digest()


class Passed(BaseModel):
    """A document that is passed on as it is, with its nulls, beside fields that may be absent."""

    document: Any = None
    amount: Decimal | None = None
    at: datetime | None = datetime(2026, 3, 1, 12, tzinfo=ZoneInfo("Europe/Sofia"))
    inner: tuple[Passed, ...] = ()


def meaning(event_type, data, signer="s"):
    return meaning_hash(event_type, signer, validate(event_type, data, today=date(2026, 3, 1)))


def with_midnights(value):
    """The same content with each date written as a midnight."""
    if isinstance(value, dict):
        return {name: with_midnights(member) for name, member in value.items()}
    if isinstance(value, list):
        return [with_midnights(item) for item in value]
    return f"{value}T00:00:00+02:00" if isinstance(value, str) and DAY.fullmatch(value) else value


PASSED_ON = {"nhif.service.read.v1"}
"""The parameters of a query are texts, whatever stands in them."""
DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_what_its_contract_reads_alike_means_the_same(event_type):
    example = json.loads(json.dumps(EVENT_TYPES[event_type].example, default=dict))
    other = with_midnights(example)
    assert (meaning(event_type, other) == meaning(event_type, example)) == (event_type not in PASSED_ON)
    assert meaning(event_type, example, "another") != meaning(event_type, example)
    assert (hashed(other) == hashed(example)) == (other == example)


def test_enough_examples_have_a_date():
    written_otherwise = [one for one in EVENT_TYPES.values() if with_midnights(one.example) != one.example]
    assert len(written_otherwise) >= 5


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"at": "2025-03-14T09:30:00Z"}, {"at": "2025-03-14T11:30:00.000+02:00"}, True),
        ({"at": "2025-03-14T09:30:00Z"}, {"at": "2025-03-14T09:30:00.000001Z"}, False),
        ({"at": "2025-03-14T00:00:00Z"}, {"at": "2025-03-14T00:00:00+02:00"}, False),
        ({"day": "2025-03-14"}, {"day": "2025-03-14t00:00z"}, True),
        ({"day": "2025-03-14"}, {"day": "2025-03-15"}, False),
        ({"quantity": 1}, {"quantity": 1.00}, True),
        ({"quantity": 1}, {"quantity": 1.0001}, False),
        ({"quantity": 100}, {"quantity": 1e2}, True),
        ({"text": "2025-03-14"}, {"text": "2025-03-14T00:00:00"}, False),
        ({"text": "a"}, {}, False),
        ({"text": None}, {}, True),
    ],
)
def test_what_means_the_same(one, other, same):
    first, second = (meaning_hash("t", "s", Model.model_validate(data)) for data in (one, other))
    assert (first == second) is same


class Model(BaseModel):
    """One field of each kind that can be written in several ways."""

    at: Moment | None = None
    day: Day | None = None
    quantity: Quantity | None = None
    text: str | None = None


@pytest.mark.parametrize("text", ["1" * 1_000_000, "1." * 500_000, ",1" * 500_000, "[-1.1e" * 200_000])
def test_no_text_takes_long_to_look_at(text):
    """A pattern that goes back and forth over a million digits would take hours."""
    for sign in (None, 1.0, 1e-7, 1e16):
        assert hashed([f":{text}", sign, "e-", "0.0000", "e+", "null"]) != hashed([f":{text}"])
