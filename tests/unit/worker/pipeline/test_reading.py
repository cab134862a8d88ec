"""A record that is on the wrong system's topic is refused there, and is never taken for the one that is not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from contracts.nhis import examples
from contracts.reasons import Reason
from contracts.reference_number import generated
from contracts.registry import EVENT_TYPES
from worker.pipeline.authorisation import Authorisation, Authorisations
from worker.pipeline.ports import Record
from worker.pipeline.reading import InvalidRecord, Reader
from worker.plain_pattern import compiled
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


BINARY = (("ce_source", b"/his/a"), ("ce_signer", b"dr-a"))
STRUCTURED = (("content-type", b"application/cloudevents+json"),)
NAMED = b'{"specversion": "1.0", "source": "/his/a", "signer": "dr-a"}'


@pytest.mark.parametrize(
    ("headers", "value", "sender"),
    [
        (STRUCTURED, NAMED, ("/his/a", "dr-a")),
        ((), NAMED, ("/his/a", "dr-a")),
        (BINARY, b"not JSON", ("/his/a", "dr-a")),
        (BINARY, None, ("/his/a", "dr-a")),
        (STRUCTURED, b'{"source": "/his/a"}', ("/his/a", "")),
        (STRUCTURED, b'{"signer": "dr-a"}', ("", "")),
        (STRUCTURED, b'{"source": ["/his/a"]}', ("", "")),
        (STRUCTURED, b'{"source": "%s"}' % (b"x" * 256), ("", "")),
        (STRUCTURED, b"not JSON", ("", "")),
        (STRUCTURED, b"\xff\xfe", ("", "")),
        (STRUCTURED, b"[" * 100_000, ("", "")),
        (STRUCTURED, b'{"source": "/his/a", "data": "%s"}' % (b"x" * 100_000), ("", "")),
        (STRUCTURED, b"[]", ("", "")),
        (STRUCTURED, None, ("", "")),
        ((("ce_source", b"\xff"),), b"{}", ("", "")),
    ],
)
def test_whose_record_it_is_is_read_without_the_rest(headers, value, sender):
    reader = Reader("nhis", knows_signer=lambda _: True, today=lambda: TODAY, max_event_bytes=100_000)
    assert reader.sender(Record("t", 0, 0, 0, b"k", value, headers)) == sender


def test_a_record_that_cannot_be_read_has_no_sender():
    reader = Reader("nhis", knows_signer=lambda _: True, today=lambda: TODAY, max_event_bytes=100_000)
    assert reader.sender(Record("t", 0, 0, 0, None, None, BINARY, unreadable="CorruptRecord")) == ("", "")


ALLOWED = Authorisations(
    (
        Authorisation(
            compiled(["/hospitals/test/his"]), compiled(["dr-a"]), compiled(["immunization.register"])
        ),
    ),
    {"theirs": compiled(["/hospitals/other/*"])},
)


def reader(authorisations=ALLOWED, *, knows=lambda _: True):
    return Reader(
        "nhis",
        knows_signer=knows,
        today=lambda: TODAY,
        max_event_bytes=100_000,
        authorisations=authorisations,
    )


def event(topic="t", **attributes):
    document = {
        "specversion": "1.0",
        "id": "one",
        "source": "/hospitals/test/his",
        "type": "nhis.immunization.register.v1",
        "signer": "dr-a",
        "data": examples.REGISTER,
        **attributes,
    }
    return Record(topic, 0, 0, 0, b"p-1", json.dumps(document).encode(), STRUCTURED)


def test_an_allowed_event_is_a_submission():
    assert isinstance(reader().read(event()), Submission)


@pytest.mark.parametrize(
    "attributes",
    [
        {"signer": "dr-b"},
        {"source": "/hospitals/test/his/"},
        {"source": "/hospitals/t%65st/his"},
        {"type": "nhis.immunization.search.v1"},
        {"signer": "dr-b", "data": {}},
    ],
)
@pytest.mark.parametrize("known", [True, False])
def test_what_no_entry_allows_is_refused_whether_or_not_there_is_such_a_signer(attributes, known):
    """Otherwise any source finds out by trial which signers there are."""
    invalid = reader(knows=lambda _: known).read(event(**attributes))

    assert isinstance(invalid, InvalidRecord)
    assert (invalid.reason, invalid.problems[0].path) == (Reason.SIGNER_NOT_ALLOWED, "$.signer")
    assert invalid.submission is not None
    # Once it is allowed, the very same event is replayed.
    if attributes == {"signer": "dr-b"}:
        assert invalid.content_hash == reader(Authorisations()).read(event(**attributes)).content_hash


def test_an_allowed_name_that_is_no_signer():
    assert reader(knows=lambda _: False).read(event()).reason is Reason.UNKNOWN_SIGNER


@pytest.mark.parametrize(
    "record",
    [
        event(topic="theirs"),
        event(source="/hospitals/other/his"),
        # What is wrong with the rest does not matter: nothing of it may be kept under the other's source and id.
        event(topic="theirs", type="none"),
        event(topic="theirs", data={}),
        event(topic="theirs", signer=""),
        replace(event(topic="theirs"), key=None),
    ],
)
def test_an_event_of_another_source_than_the_topics_is_believed_in_nothing(record):
    invalid = reader().read(record)

    assert (invalid.reason, invalid.problems[0].path) == (Reason.SOURCE_NOT_ALLOWED, "$.source")
    assert invalid.submission is None
    assert reader().sender(record) == ("", "")


def test_headers_do_not_say_which_topic_a_record_is_on():
    forged = (*STRUCTURED, ("herald-original-topic", b"t"), ("herald-replay-of", b"0" * 36))
    assert reader().read(replace(event(topic="theirs"), headers=forged)).reason is Reason.SOURCE_NOT_ALLOWED


def test_a_signer_that_is_not_allowed_takes_no_share_of_that_signer():
    assert reader().sender(event()) == ("/hospitals/test/his", "dr-a")
    assert reader().sender(event(signer="dr-b")) == ("/hospitals/test/his", "")


@pytest.mark.parametrize(("signer", "kind"), [(True, Submission), (False, InvalidRecord)])
def test_the_reference_number_of_the_service_goes_on_to_whatever_answers(signer, kind):
    headers = {
        "content-type": b"application/json",
        "ce_specversion": b"1.0",
        "ce_id": b"one",
        "ce_source": b"/his",
        "ce_type": b"nhis.immunization.register.v1",
        "ce_signer": b"dr-a",
        "ce_rnu": b"BGEM-1",
    }
    record = Record("t", 0, 0, 0, b"p-1", json.dumps(examples.REGISTER).encode(), tuple(headers.items()))
    reader = Reader("nhis", knows_signer=lambda _: signer, today=lambda: TODAY, max_event_bytes=100_000)

    read = reader.read(record)

    assert isinstance(read, kind)
    ref = read.submission if isinstance(read, InvalidRecord) else read.ref
    assert ref.rnu == "BGEM-1"


@pytest.mark.parametrize("given", [None, "x-1"])
def test_where_the_system_draws_numbers_an_event_without_one_has_none_yet(given):
    contract = EVENT_TYPES["edelivery.message.send.v1"]
    attributes = {"type": contract.event_type, "data": contract.example, **({"rnu": given} if given else {})}
    record = event(**attributes)
    readers = [
        Reader(
            "edelivery",
            knows_signer=lambda _: True,
            today=lambda: TODAY,
            max_event_bytes=100_000,
            draws_numbers=draws,
        )
        for draws in (True, False)
    ]
    drawing, generating = [one.read(record) for one in readers]
    assert drawing.rnu == given
    assert generating.rnu == (given or generated("/hospitals/test/his", "one"))
