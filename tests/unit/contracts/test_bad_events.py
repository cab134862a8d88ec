"""Events that are refused: by which reason, with everything that is wrong at once."""

from __future__ import annotations

import json

import pytest

from contracts.envelope import decode
from contracts.reasons import Reason
from contracts.submission_ref import SubmissionRef
from tests.support.cloudevents import (
    BINARY,
    EVENT,
    NAMED,
    STRUCTURED,
    binary,
    found,
    refused,
    structured,
)

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
