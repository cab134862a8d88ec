"""Records that hold one CloudEvent, in both modes."""

from __future__ import annotations

import json

import pytest

from contracts.envelope import BadEvent, Envelope, decode
from contracts.submission_ref import SubmissionRef

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
