"""Decoding of records: both modes, every reason, everything that is wrong at once."""

from __future__ import annotations

import contextlib
import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.content_hash import content_hash
from contracts.envelope import BadEvent, decode, peek
from contracts.reasons import Reason
from contracts.visible_text import is_visible
from tests.support.cloudevents import (
    BINARY,
    EVENT,
    NAMED,
    READ,
    STRUCTURED,
    TRACE,
    binary,
    found,
    refused,
    structured,
)


@pytest.mark.parametrize(
    "read",
    [
        binary,
        lambda: binary(content__type=b"Application/JSON; charset=utf-8"),
        lambda: binary(without=("content-type",)),
        lambda: binary(other=b"\xff", ce_other=b"\xff"),
        structured,
        lambda: structured(headers={}),
        lambda: structured({"datacontenttype": "application/json", "time": "2025-01-01T00:00:00Z"}),
    ],
)
def test_read(read):
    assert read() == READ


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        (lambda: binary(ce_traceparent=TRACE.encode()), TRACE),
        (lambda: binary(traceparent=TRACE.encode()), TRACE),
        (lambda: binary(ce_traceparent=b"rubbish", traceparent=TRACE.encode()), TRACE),
        (lambda: binary(ce_traceparent=b"\xff"), None),
        (lambda: structured({"traceparent": TRACE}), TRACE),
        (lambda: structured(headers={**STRUCTURED, "traceparent": TRACE.encode()}), TRACE),
        (lambda: structured({"traceparent": 1}), None),
        (lambda: structured({"traceparent": "ff" + TRACE[2:]}), None),
        (lambda: structured({"traceparent": f"00-{'0' * 32}-{'1' * 16}-01"}), None),
        (lambda: structured({"traceparent": f"00-{'1' * 32}-{'0' * 16}-01"}), None),
    ],
)
def test_trace_parent(read, expected):
    assert read().traceparent == expected


@pytest.mark.parametrize("prefix", ["ce-", "CE-", "cloudEvents:", "cloudEvents_"])
def test_headers_of_another_protocol_are_one_problem_and_the_sender_is_answered(prefix):
    renamed = [(name.replace("ce_", prefix), raw) for name, raw in BINARY.items()]
    bad = refused(decode, renamed, b"{}", b"k", max_bytes=9)
    assert (found(bad), bad.submission) == ([("headers", "prefix")], NAMED)
    assert "ce_" in bad.problems[0].message


@pytest.mark.parametrize("name", ["ce-other", "ce-", "cache-ce-id", "ce"])
def test_other_headers_may_have_any_name(name):
    assert decode((*BINARY.items(), (name, b"x")), b'{"a":1}', b"k", max_bytes=9) == READ


TEXT = json.dumps(EVENT)


@pytest.mark.parametrize("headers", [tuple(STRUCTURED.items()), ()])
def test_one_byte_order_mark_is_skipped(headers):
    assert decode(headers, b"\xef\xbb\xbf" + TEXT.encode(), b"k", max_bytes=999) == READ


@pytest.mark.parametrize(
    ("value", "reason", "word"),
    [
        (b"\xef\xbb\xbf\xef\xbb\xbf" + TEXT.encode(), Reason.NOT_JSON, "byte order mark"),
        (b"\0\0\0\0\x2a" + TEXT.encode(), Reason.NOT_JSON, "5 bytes of a schema registry"),
        (b"\0\0\0\xff\xfe" + TEXT.encode(), Reason.NOT_JSON, "5 bytes of a schema registry"),
        (b"\0\0\0\0\x7b" + TEXT.encode(), Reason.NOT_JSON, "5 bytes of a schema registry"),
        (b"\0\0\0\0\x2a\x02\x10patient", Reason.NOT_JSON, "Avro or Protobuf"),
        (b"\0\0\0\0\x2a\x02\xff\xfe", Reason.NOT_UTF8, "Avro or Protobuf"),
        (b"Obj\x01\x04\x14avro.codec\x08null", Reason.NOT_JSON, "an Avro file"),
        (TEXT.encode("utf-16"), Reason.NOT_UTF8, "UTF-16"),
        (TEXT.encode("utf-16-le"), Reason.NOT_UTF8, "UTF-16"),
        (TEXT.encode("utf-16-be"), Reason.NOT_UTF8, "UTF-16"),
        (TEXT.encode("utf-32"), Reason.NOT_UTF8, "UTF-32"),
        (TEXT.encode("utf-32-be"), Reason.NOT_UTF8, "UTF-32"),
        (gzip.compress(TEXT.encode()), Reason.NOT_UTF8, "gzip"),
        (b"\xac\xed\x00\x05t\x00\x02{}", Reason.NOT_UTF8, "Java"),
        ('{"a":"Ж"}'.encode("windows-1251"), Reason.NOT_UTF8, "UTF-8"),
        (b"", Reason.NOT_JSON, "the value is empty"),
        (b"\xef\xbb\xbf \r\n", Reason.NOT_JSON, "the value is empty"),
    ],
)
@pytest.mark.parametrize("headers", [tuple(BINARY.items()), tuple(STRUCTURED.items()), ()])
def test_what_the_value_is_instead_of_json_is_said(headers, value, reason, word):
    bad = refused(decode, headers, value, b"k", max_bytes=9999)
    (problem,) = bad.problems
    assert (bad.reason, problem.path) == (reason, "value")
    assert word in problem.message


@pytest.mark.parametrize("text", [" ", "\u00a0", "\u200b", "\u2028", "\ufeff", "\U000e0041", "\u3164"])
@pytest.mark.parametrize("name", ["id", "source", "signer", "type"])
def test_an_attribute_that_nobody_sees_is_refused(name, text):
    assert found(refused(binary, **{f"ce_{name}": text.encode()})) == [(f"$.{name}", "form")]
    assert found(refused(structured, {name: text})) == [(f"$.{name}", "form")]


def test_data_may_be_any_json_here():
    assert binary(b"null").data_raw is None
    assert structured({"data": None}).data_raw is None


def test_nothing_of_the_record_shows():
    bad = refused(binary, b'{"7223154154": }', ce_signer=b"7223154154\n")
    assert "7223154154" not in f"{bad} {bad!r} {bad.problems}"
    assert "secret" not in repr(binary(b'"secret"'))


HEADERS = st.lists(
    st.tuples(st.sampled_from([*BINARY, "traceparent", "x"]), st.binary(max_size=40) | st.none())
)


@given(HEADERS, st.binary() | st.none(), st.binary(max_size=3) | st.none())
def test_any_record_is_an_event_or_a_bad_event(headers, value, key):
    with contextlib.suppress(BadEvent):
        decode(headers, value, key, max_bytes=50)


ATTRIBUTE = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cn")), min_size=1, max_size=255
).filter(is_visible)


@given(id=ATTRIBUTE, source=ATTRIBUTE, signer=ATTRIBUTE, data=st.dictionaries(ATTRIBUTE, st.integers()))
def test_both_modes_read_the_same(id, source, signer, data):  # noqa: A002 - CloudEvents' name
    event = {**EVENT, "id": id, "source": source, "signer": signer, "data": data}
    value = json.dumps(event).encode()
    one = decode(tuple(STRUCTURED.items()), value, b"k", max_bytes=10**6)
    headers = {**BINARY, "ce_id": id.encode(), "ce_source": source.encode(), "ce_signer": signer.encode()}
    other = decode(tuple(headers.items()), json.dumps(data).encode(), b"k", max_bytes=10**6)
    assert one == other
    assert content_hash(one.type, one.signer, one.data_raw) == content_hash(other.type, other.signer, data)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b'{"source":"/his","signer":"dr-a"}', ("/his", "dr-a")),
        (b'{"source":"/other","source":"/his","signer":"dr-a"}', ("/his", "dr-a")),
        (b'{"source":"/his","signer":"dr-a","data":NaN}', ("/his", "dr-a")),
        (b'{"source":"/his","signer":"dr-a","data":123456789012345678901234567890}', ("/his", "dr-a")),
        (b'{"source":"/his","signer":"dr-a","data":"\\ud800"}', ("/his", "dr-a")),
        (b'\xef\xbb\xbf{"source":"/his","signer":"dr-a"}', ("/his", "dr-a")),
        ('{"source":"/his","signer":"dr-a"}'.encode("utf-16"), ("/his", "dr-a")),
        ('{"source":"/болница 1","signer":"д-р а"}'.encode(), ("/болница 1", "д-р а")),
        (b'{"source":"/his"}', ("/his", None)),
        (b'{"source":"/his","signer":null}', ("/his", None)),
        (b'{"source":1,"signer":["dr-a"]}', (None, None)),
        (b'{"source":"","signer":" "}', (None, None)),
        (b'{"source":"/h\\u0000","signer":"dr\\u200b"}', (None, "dr\u200b")),
        (b'{"source":"' + b"h" * 256 + b'","signer":"' + b"d" * 255 + b'"}', (None, "d" * 255)),
        (b'{"source":"/his","signer":"dr-a"', (None, None)),
        (b"[" * 100_000, (None, None)),
        (b'["source"]', (None, None)),
        (b"", (None, None)),
        (None, (None, None)),
        (b'{"source":"/his","signer":"dr-a","data":"' + b"x" * 2000 + b'"}', (None, None)),
    ],
    ids=lambda given: repr(given)[:40] if isinstance(given, bytes | None) else "",
)
def test_peeking_reads_what_can_be_read(value, expected):
    for headers in ((), (("content-type", b"application/cloudevents+json"),)):
        assert peek(headers, value, max_bytes=1000) == expected


@given(st.text(max_size=300), st.text(max_size=300))
def test_peeking_takes_the_names_that_reading_takes(source, signer):
    value = json.dumps({**EVENT, "source": source, "signer": signer}).encode()
    peeked = peek((), value, max_bytes=10_000)
    with contextlib.suppress(BadEvent):
        read = decode((), value, b"k", max_bytes=10_000)
        assert peeked == (read.source, read.signer)
