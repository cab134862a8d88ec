"""A record that is on the wrong system's topic is refused there, and is never taken for the one that is not."""

from __future__ import annotations

import json
from datetime import date

import pytest

from contracts.nhis import examples
from contracts.reasons import Reason
from worker.pipeline.ports import Record
from worker.pipeline.reading import InvalidRecord, Reader
from worker.submission import Submission

TODAY = date(2025, 3, 14)


@pytest.fixture
def read():
    document = {
        "specversion": "1.0",
        "id": "one",
        "source": "/hospitals/test/his",
        "type": "nhis.immunization.register.v1",
        "signer": "dr-a",
        "data": examples.REGISTER,
    }
    record = Record(
        topic="t",
        partition=0,
        offset=0,
        key=b"p-1",
        headers=(("content-type", b"application/cloudevents+json"),),
        value=json.dumps(document).encode(),
        timestamp_ms=0,
    )

    def read(system, *, knows=lambda _: True):
        reader = Reader(system, knows_signer=knows, today=lambda: TODAY, max_event_bytes=100_000)
        return reader.read(record)

    return read


def test_where_it_belongs_it_is_a_submission(read):
    submission = read("nhis")

    assert isinstance(submission, Submission)
    assert (submission.system, submission.operation) == ("nhis", "immunization.register")


def test_a_rule_that_is_waived_is_not_applied():
    def read(**options):
        reader = Reader(
            "kz-shep", knows_signer=lambda _: True, today=lambda: TODAY, max_event_bytes=100_000, **options
        )
        headers = {"specversion": "1.0", "id": "1", "source": "/h", "signer": "s"}
        headers["type"] = "kz-shep.medical-exemption.search.v1"
        headers = (*((f"ce_{name}", value.encode()) for name, value in headers.items()),)
        headers = (*headers, ("content-type", b"application/json"))
        return reader.read(Record("t", 0, 0, 0, b"p-1", b'{"iin": "720315200007"}', headers))

    refused = read()
    assert isinstance(refused, InvalidRecord)
    assert [problem.rule for problem in refused.problems] == ["iin-check-digit"]
    assert isinstance(read(waived={"iin-check-digit"}), Submission)


def test_astray_it_is_refused_and_is_another_event(read):
    astray, elsewhere, at_home = read("one-system"), read("another-system"), read("nhis")

    assert isinstance(astray, InvalidRecord)
    assert astray.reason is Reason.UNKNOWN_TYPE
    assert astray.problems[0].path == "$.type"
    assert len({astray.content_hash, elsewhere.content_hash, at_home.content_hash}) == 3
    assert read("one-system").content_hash == astray.content_hash


def test_a_signer_that_this_system_does_not_know(read):
    invalid = read("nhis", knows=lambda _: False)

    assert isinstance(invalid, InvalidRecord)
    assert (invalid.reason, invalid.problems[0].path) == (Reason.UNKNOWN_SIGNER, "$.signer")
    # Once the signer is configured, the very same event is replayed.
    assert invalid.content_hash == read("nhis").content_hash
