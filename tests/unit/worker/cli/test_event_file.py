"""What `herald submit` takes out of a file: each event's own bytes, and nothing that the contract refuses."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.visible_text import is_visible
from tests.support.contract_events import STRUCTURED as EVENT
from worker.cli.event_file import BadFile, Expected, read_events

TODAY = date(2025, 6, 1)
# As no serialiser writes it: order, spaces, escapes, a number's form.
ODD = json.dumps(EVENT, indent=3).replace('"/his"', '"\\u002fhis"')


def read(text, **changes):
    content = text if isinstance(text, bytes) else text.encode()
    return read_events(
        content, Expected(**({"key": None, "system": None, "today": TODAY, "max_bytes": 9999} | changes))
    )


def refused(text, **changes):
    with pytest.raises(BadFile) as caught:
        read(text, **changes)
    return caught.value.problems


def event(number, **changes):
    return EVENT | {"id": str(number)} | changes


@pytest.mark.parametrize(
    "text",
    [ODD, f"\n{ODD}\r\n", f"[{ODD}]", f" [ {ODD} ,\n{ODD}\n] ", "\ufeff" + ODD],
    ids=["one", "space around", "list", "list of two", "byte order mark"],
)
def test_an_event_is_published_as_the_file_has_it(text):
    found = read(text)
    assert {one.value for one in found} == {ODD.encode()}
    assert {(one.system, one.source, one.id, one.key) for one in found} == {
        ("nhis", "/his", "1", b"patient-1")
    }


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n", "\n \t\n"])
def test_one_event_a_line(end):
    lines = [json.dumps(event(number), ensure_ascii=number % 2 == 0) for number in range(3)]
    assert [one.value.decode() for one in read(end.join(lines) + end)] == lines


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\u0085"])
def test_only_a_line_feed_ends_a_line(separator):
    lines = [
        json.dumps(event(n), ensure_ascii=False).replace("Грешна ", f"Грешна{separator}") for n in (1, 2)
    ]
    assert [one.value.decode() for one in read("\n".join(lines))] == lines


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1).filter(is_visible),
        min_size=1,
        max_size=4,
    )
)
def test_what_is_published_reads_as_what_was_written(reasons):
    events = [event(n, data={"nrn": "25073B00Q1X3", "reason": reason}) for n, reason in enumerate(reasons)]
    for text in (json.dumps(events, ensure_ascii=False), "\n".join(json.dumps(one) for one in events)):
        assert [json.loads(one.value) for one in read(text)] == events


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (json.dumps(EVENT).replace('"nrn"', '"nrn": "25073B00Q1X4", "nrn"'), "name once"),
        (json.dumps(EVENT).replace('"25073B00Q1X3"', "NaN"), "NaN"),
        (json.dumps(EVENT).replace('"25073B00Q1X3"', "1e999"), "double"),
        (json.dumps(event(1, data={"nrn": "25073B00Q1X3", "reason": "\ud83d"})), "surrogate"),
        (json.dumps(EVENT)[:-1], "reading stops"),
        ("[" * 100_000, "cannot be read"),
        ("[1 2]", "neither a comma"),
        ("[{},]", "cannot be read"),
        ("", "no event"),
        ("[]", "no event"),
        ("[[]]", "not a JSON object"),
        (json.dumps(event(1, partitionkey="")), "--key"),
        (json.dumps(event(1, type="x.y.v1")), "belongs to no system"),
        (json.dumps(event(1, type="nhis.nothing.v1")), "$.type"),
        (json.dumps(event(1, signer=None)), "$.signer"),
        (json.dumps(event(1, data={"nrn": "25073B00Q1X3"})), "$.data.reason"),
        (json.dumps(EVENT).encode("utf-16"), "UTF-16"),
        (json.dumps(EVENT).encode("utf-16-be"), "UTF-16"),
        (b"\0\0\0\0\x07" + json.dumps(EVENT).encode(), "5 bytes of a schema registry"),
        (b"\0\0\0\xff\xfe" + json.dumps(EVENT).encode(), "5 bytes of a schema registry"),
        (b"\0\0\0\0\x07\x02\x10patient", "Avro or Protobuf"),
        (b"\0\0\0\0\x07\x02\xff\xfe", "Avro or Protobuf"),
        (b"Obj\x01\x04\x14avro.codec\x08null", "an Avro file"),
        (json.dumps(EVENT, ensure_ascii=False).encode("windows-1251"), "not UTF-8"),
        (json.dumps(event(1, data={"nrn": "25073B00Q1X3", "reason": "x" * 1500})), None),
    ],
)
def test_what_the_contract_refuses_is_not_published(text, word):
    if word is None:
        assert "$" not in refused(text, max_bytes=1000)[0].split("(")[0]
        return
    (problem,) = refused(text)
    assert word in problem


def test_all_events_are_checked_and_none_is_published():
    wrong = event(2, data={"nrn": "", "reason": " "})
    problems = refused("\n".join(map(json.dumps, (EVENT, wrong, 5))))
    assert [problem.split(":")[0] for problem in problems] == ["event 2", "event 2", "event 3"]
    assert not any("25073B00Q1X3" in problem for problem in problems)


def test_the_key_of_the_command_line_is_for_events_without_one():
    texts = [json.dumps(EVENT), json.dumps(event(2, partitionkey=None))]
    assert [one.key for one in read("\n".join(texts), key="k")] == [b"patient-1", b"k"]


def test_another_system_than_asked_for_is_refused():
    assert read(ODD, system="nhis")
    assert "--system" in refused(ODD, system="erx")[0]
