"""Decoding of records: both modes, every reason, everything that is wrong at once."""

from __future__ import annotations

import contextlib
import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.content_hash import content_hash
from contracts.envelope import BadEvent, Envelope, decode
from contracts.reasons import Reason
from contracts.submission_ref import SubmissionRef
from contracts.visible_text import is_visible

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
BINARY = {
    "content-type": b"application/json",
    "ce_specversion": b"1.0",
    "ce_id": b"42",
    "ce_source": b"/his",
    "ce_type": b"nhis.immunization.cancel.v1",
    "ce_signer": b"dr-example",
}
EVENT = {
    "specversion": "1.0",
    "id": "42",
    "source": "/his",
    "type": "nhis.immunization.cancel.v1",
    "signer": "dr-example",
    "data": {"a": 1},
}
STRUCTURED = {"content-type": b"application/cloudevents+json; charset=utf-8"}
READ = Envelope("/his", "42", "nhis.immunization.cancel.v1", "dr-example", {"a": 1})
NAMED = SubmissionRef("/his", "42", "nhis.immunization.cancel.v1", "dr-example")


def binary(value=b'{"a":1}', key=b"k", max_bytes=1000, without=(), **headers):
    given = {name: raw for name, raw in BINARY.items() if name not in without}
    given |= {name.replace("__", "-"): raw for name, raw in headers.items()}
    return decode(tuple(given.items()), value, key, max_bytes=max_bytes)


def structured(changes=None, without=(), headers=STRUCTURED, key=b"k"):
    event = {name: value for name, value in {**EVENT, **(changes or {})}.items() if name not in without}
    return decode(tuple(headers.items()), json.dumps(event).encode(), key, max_bytes=1000)


def refused(call, *arguments, **keywords):
    with pytest.raises(BadEvent) as caught:
        call(*arguments, **keywords)
    return caught.value


def found(bad):
    return [(problem.path, problem.rule) for problem in bad.problems]


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


BAD = [
    ("null value", lambda: binary(None), Reason.NULL_VALUE, [("value", "required")], NAMED),
    (
        "null value, no headers",
        lambda: decode((), None, b"k", max_bytes=9),
        Reason.NULL_VALUE,
        [("value", "required")],
        None,
    ),
    ("too large", lambda: binary(max_bytes=6), Reason.TOO_LARGE, [("value", "length")], NAMED),
    (
        "too large, structured",
        lambda: decode(tuple(STRUCTURED.items()), b"{}", b"k", max_bytes=1),
        Reason.TOO_LARGE,
        [("value", "length")],
        None,
    ),
    ("value not UTF-8", lambda: binary(b'"\xff"'), Reason.NOT_UTF8, [("value", "utf8")], NAMED),
    (
        "header not UTF-8",
        lambda: binary(ce_signer=b"\xff"),
        Reason.NOT_UTF8,
        [("$.signer", "utf8")],
        "no signer",
    ),
    ("id not UTF-8", lambda: binary(ce_id=b"\xff"), Reason.NOT_UTF8, [("$.id", "utf8")], None),
    ("empty value", lambda: binary(b""), Reason.NOT_JSON, [("value", "json")], NAMED),
    ("not JSON", lambda: binary(b"<a/>"), Reason.NOT_JSON, [("value", "json")], NAMED),
    ("NaN", lambda: binary(b'{"a":NaN}'), Reason.NOT_JSON, [("value", "json")], NAMED),
    ("a name twice", lambda: binary(b'{"a":1,"a":2}'), Reason.NOT_JSON, [("value", "json")], NAMED),
    ("too deep", lambda: binary(b"[" * 400 + b"]" * 400), Reason.NOT_JSON, [("value", "json")], NAMED),
    (
        "structured, not JSON",
        lambda: decode(tuple(STRUCTURED.items()), b"{", b"k", max_bytes=9),
        Reason.NOT_JSON,
        [("value", "json")],
        None,
    ),
    (
        "structured, no object",
        lambda: decode(tuple(STRUCTURED.items()), b"[]", b"k", max_bytes=9),
        Reason.NOT_A_CLOUDEVENT,
        [("value", "type")],
        None,
    ),
    (
        "JSON, but no CloudEvent",
        lambda: decode((), b'{"a":1}', b"k", max_bytes=9),
        Reason.NOT_A_CLOUDEVENT,
        [(f"$.{name}", "required") for name in ("specversion", "source", "id", "type", "signer")],
        None,
    ),
    (
        "no specversion",
        lambda: binary(without=("ce_specversion",)),
        Reason.NOT_A_CLOUDEVENT,
        [("$.specversion", "required")],
        NAMED,
    ),
    (
        "another specversion",
        lambda: binary(ce_specversion=b"0.3"),
        Reason.UNSUPPORTED_VERSION,
        [("$.specversion", "version")],
        NAMED,
    ),
    (
        "another specversion, structured",
        lambda: structured({"specversion": "2.0"}),
        Reason.UNSUPPORTED_VERSION,
        [("$.specversion", "version")],
        NAMED,
    ),
    (
        "no type and no signer",
        lambda: binary(without=("ce_type", "ce_signer")),
        Reason.NOT_A_CLOUDEVENT,
        [("$.type", "required"), ("$.signer", "required")],
        SubmissionRef("/his", "42", None, None),
    ),
    (
        "no id and no source",
        lambda: structured(without=("id", "source")),
        Reason.NOT_A_CLOUDEVENT,
        [("$.source", "required"), ("$.id", "required")],
        None,
    ),
    ("empty id", lambda: binary(ce_id=b""), Reason.NOT_A_CLOUDEVENT, [("$.id", "required")], None),
    ("null header", lambda: binary(ce_id=None), Reason.NOT_A_CLOUDEVENT, [("$.id", "required")], None),
    ("long id", lambda: binary(ce_id=b"x" * 256), Reason.NOT_A_CLOUDEVENT, [("$.id", "length")], None),
    (
        "long source",
        lambda: binary(ce_source=b"x" * 256),
        Reason.NOT_A_CLOUDEVENT,
        [("$.source", "length")],
        None,
    ),
    ("control character", lambda: binary(ce_id=b"4\n2"), Reason.NOT_A_CLOUDEVENT, [("$.id", "form")], None),
    ("id a number", lambda: structured({"id": 42}), Reason.NOT_A_CLOUDEVENT, [("$.id", "type")], None),
    (
        "id twice",
        lambda: decode((*BINARY.items(), ("ce_id", b"43")), b"1", b"k", max_bytes=9),
        Reason.NOT_A_CLOUDEVENT,
        [("$.id", "once")],
        "any",
    ),
    (
        "another content type",
        lambda: binary(content__type=b"text/xml"),
        Reason.NOT_A_CLOUDEVENT,
        [("$.datacontenttype", "choice")],
        NAMED,
    ),
    (
        "a batch",
        lambda: binary(b"[]", content__type=b"application/cloudevents-batch+json; charset=utf-8"),
        Reason.NOT_A_CLOUDEVENT,
        [("value", "batch")],
        None,
    ),
    (
        "a batch that nothing declares",
        lambda: decode((), json.dumps([EVENT, EVENT]).encode(), b"k", max_bytes=999),
        Reason.NOT_A_CLOUDEVENT,
        [("value", "batch")],
        None,
    ),
    (
        "another format of events",
        lambda: decode((("content-type", b"application/cloudevents+avro"),), b"{}", b"k", max_bytes=9),
        Reason.NOT_A_CLOUDEVENT,
        [("value", "format")],
        None,
    ),
    (
        "an event serialised twice",
        lambda: decode(
            tuple(STRUCTURED.items()), json.dumps(json.dumps(EVENT)).encode(), b"k", max_bytes=999
        ),
        Reason.NOT_A_CLOUDEVENT,
        [("value", "type")],
        None,
    ),
    (
        "no data",
        lambda: structured({"data_base64": "e30="}, without=("data",)),
        Reason.NOT_A_CLOUDEVENT,
        [("$.data", "required")],
        NAMED,
    ),
    (
        "data of another content type",
        lambda: structured({"datacontenttype": "application/xml"}),
        Reason.NOT_A_CLOUDEVENT,
        [("$.datacontenttype", "choice")],
        NAMED,
    ),
    ("no key", lambda: binary(key=None), Reason.MISSING_KEY, [("key", "required")], NAMED),
    ("empty key", lambda: structured(key=b""), Reason.MISSING_KEY, [("key", "required")], NAMED),
    (
        "everything",
        lambda: decode((("ce_specversion", b"0.3"), ("ce_source", b"/his")), b"{", None, max_bytes=9),
        Reason.NOT_JSON,
        [
            ("value", "json"),
            ("$.id", "required"),
            ("$.type", "required"),
            ("$.signer", "required"),
            ("$.specversion", "version"),
            ("key", "required"),
        ],
        None,
    ),
]


@pytest.mark.parametrize(
    ("call", "reason", "problems", "named"), [row[1:] for row in BAD], ids=[row[0] for row in BAD]
)
def test_refused(call, reason, problems, named):
    bad = refused(call)
    assert (bad.reason, found(bad)) == (reason, problems)
    if named == "no signer":
        assert bad.submission == SubmissionRef("/his", "42", NAMED.type, None)
    elif named != "any":
        assert bad.submission == named
    assert all(problem.message.endswith(".") for problem in bad.problems)


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
