"""Records of kinds that integrators reported, each in a file. All people and numbers in them are invented."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from contracts.envelope import BadEvent, Envelope, decode
from contracts.reasons import Reason
from contracts.registry import ContractViolation, validate

CASES = Path(__file__).parent / "cases"
STRUCTURED = (("content-type", b"application/cloudevents+json"),)
BATCH = (("content-type", b"application/cloudevents-batch+json"),)


def read(name: str, headers=STRUCTURED) -> Envelope:
    return decode(headers, (CASES / name).read_bytes(), b"patient-1", max_bytes=9999)


def refused(headers, value: bytes) -> BadEvent:
    with pytest.raises(BadEvent) as caught:
        decode(headers, value, b"patient-1", max_bytes=9999)
    return caught.value


@pytest.mark.parametrize("name", ["event-name-no-break-space.json", "event-name-zero-width-space.json"])
def test_an_invisible_name_violates_the_contract(name):
    event = read(name)
    with pytest.raises(ContractViolation) as caught:
        validate(event.type, event.data_raw, today=date(2025, 6, 1))
    assert [(one.path, one.rule) for one in caught.value.problems] == [("$.data.patient.name.given", "form")]


def test_a_byte_order_mark_is_passed_over():
    event = read("event-with-byte-order-mark.json")
    assert (event.source, event.id) == ("/hospitals/example/his", "case-1")
    validate(event.type, event.data_raw, today=date(2025, 6, 1))


def test_the_frame_of_a_schema_registry_is_named():
    bad = refused(STRUCTURED, (CASES / "event-schema-registry-frame.bin").read_bytes())
    (problem,) = bad.problems
    assert bad.reason is Reason.NOT_JSON
    assert "5 bytes of a schema registry stand before it" in problem.message


def test_a_batch_is_one_problem():
    bad = refused(BATCH, (CASES / "event-batch.json").read_bytes())
    assert [(one.path, one.rule) for one in bad.problems] == [("value", "batch")]
    assert "one event" in bad.problems[0].message


def test_headers_with_a_hyphen_are_one_problem():
    lines, _, value = (CASES / "event-headers-with-hyphen.txt").read_bytes().partition(b"\n\n")
    pairs = (line.split(b": ", 1) for line in lines.splitlines())
    bad = refused([(name.decode(), content) for name, content in pairs], value)
    assert [(one.path, one.rule) for one in bad.problems] == [("headers", "prefix")]
    assert "ce_" in bad.problems[0].message
    assert bad.submission is not None
    assert bad.submission.id == "case-1"


@pytest.mark.parametrize("text", (CASES / "erx-moments.txt").read_text().splitlines())
def test_moments_as_clients_write_them_are_taken(changed, text):
    issue = "erx.prescription.issue.v1"
    validate(issue, changed(issue, {"authoredOn": text}), today=date(2025, 6, 1))
