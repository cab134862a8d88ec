"""From an opened message to its notification."""

from __future__ import annotations

import json

import pytest

from contracts import notifications
from tests.support.systems.eforms.messages import FIELD, FILES, PDF, REQUEST, TEMPLATE, message, reference
from worker.systems.eforms import notice as subject
from worker.systems.eforms.notice import EVENT_TYPE, RequestReader
from worker.systems.eforms.settings import Requests

CONTENT = REQUEST.encode()
XML = reference("request.xml", CONTENT)
BROKEN = CONTENT[: len(CONTENT) // 2]
RULES = {"template_ids": {TEMPLATE}}


def read(reader, opened, **contents: bytes):
    notice = reader.notice_of(
        opened, {reference(f"{name}.xml", b"").id: content for name, content in contents.items()}
    )
    if notice is not None:
        notifications.validate("eforms", EVENT_TYPE, notice.data)
    return notice


def rules_of(notice) -> list[str]:
    return [one["rule"] for one in notice.data.get("problems", [])]


def test_a_whole_request_is_published_as_the_golden_file_has_it(reader):
    notice = read(reader, message(XML, PDF), request=CONTENT)

    golden = json.loads((FILES / "notification.json").read_text(encoding="utf-8"))
    assert json.loads(json.dumps(notice.data)) == golden
    assert notice.type == EVENT_TYPE
    assert notice.key == "message:48207"
    assert notice.reference is None


def test_a_request_in_a_field_is_read(reader):
    notice = read(reader, message(PDF, fields={"other": "A < B", FIELD: f"\n {REQUEST}"}))

    assert notice.data["requestField"] == FIELD
    assert "requestFile" not in notice.data
    assert notice.data["request"]["tax"]["amount"] == "10.50"


@pytest.mark.parametrize(
    ("opened", "contents"),
    [
        (message(PDF), {}),
        (message(fields={FIELD: "Здравейте"}), {}),
        (message(fields={FIELD: "<p>Здравейте</p>"}), {}),
        (message(XML), {"request": b"<ServiceRequestResponse/>"}),
        (message(XML), {"request": b"<ServiceRequestEmbedded/>"}),
        (message(XML), {"request": b"<other>"}),
        (message(XML), {"request": b""}),
        (message(XML), {}),
        (message(None), {}),
        (message(PDF, template_id=None), {}),
    ],
    ids=[
        *("a-pdf", "a-text", "html", "an-answer", "an-inner-form", "broken", "empty", "not-read"),
        *("not-fetched", "no-template"),
    ],
)
def test_any_other_message_is_none(reader, opened, contents):
    assert read(reader, opened, **contents) is None


@pytest.mark.parametrize(
    ("opened", "contents", "rule"),
    [
        (message(PDF, template_id=TEMPLATE), {}, subject.NOTHING_FOUND),
        (message(XML, template_id=TEMPLATE), {"request": b"<other/>"}, subject.NOTHING_FOUND),
        (message(None, template_id=TEMPLATE), {}, subject.NOT_FETCHED),
        (message(XML), {"request": BROKEN}, "The content is not well-formed XML"),
        (message(XML), {"request": b"<!DOCTYPE a>" + CONTENT[38:]}, "The XML carries a DTD"),
        (message(fields={FIELD: REQUEST[:-20]}), {}, "The content is not well-formed XML"),
        (
            message(XML),
            {"request": b"<ServiceRequest>" + b"<a>" * 60 + b"</a>" * 60 + b"</ServiceRequest>"},
            "The XML is nested deeper",
        ),
        (
            message(XML),
            {"request": b"<ServiceRequest>" + b"<a/>" * 30_000 + b"</ServiceRequest>"},
            "The XML has more than",
        ),
    ],
    ids=["no-xml", "other-xml", "not-fetched", "broken", "dtd", "broken-field", "deep", "many-parts"],
)
def test_a_request_that_cannot_be_read_is_published(reader, opened, contents, rule):
    notice = read(reader, opened, **contents)

    assert "request" not in notice.data
    assert any(one.startswith(rule) for one in rules_of(notice))
    fetched = [one.reference for one in opened.files if one.reference is not None]
    assert [one["id"] for one in notice.data.get("files", [])] == [one.id for one in fetched]


def test_an_unreadable_request_names_its_file(reader):
    assert read(reader, message(XML, PDF), request=BROKEN).data["requestFile"]["id"] == XML.id


@pytest.mark.parametrize(("template", "by"), [(TEMPLATE, "template"), (1, "root-element")])
def test_it_says_why_it_was_taken_for_a_request(reader, template, by):
    assert read(reader, message(XML, template_id=template), request=CONTENT).data["recognisedBy"] == by


@pytest.mark.parametrize(
    ("rnu", "expected"),
    [
        ("rnu-of-the-message", "rnu-of-the-message"),
        (None, "3f0c2a5e-6b1d-4c57-9a41-0d2b8f6e7a10"),
        ("", "3f0c2a5e-6b1d-4c57-9a41-0d2b8f6e7a10"),
        ("x" * 65, "3f0c2a5e-6b1d-4c57-9a41-0d2b8f6e7a10"),
        ("a\nb", "3f0c2a5e-6b1d-4c57-9a41-0d2b8f6e7a10"),
    ],
)
def test_the_reference_number_is_the_messages_or_the_requests(reader, rnu, expected):
    assert read(reader, message(XML, rnu=rnu), request=CONTENT).rnu == expected


def test_a_number_that_cannot_be_one_is_none(reader):
    content = REQUEST.replace("3f0c2a5e-6b1d-4c57-9a41-0d2b8f6e7a10", "x" * 65).encode()

    assert read(reader, message(XML), request=content).rnu is None


def test_of_several_requests_the_first_readable_one_is_published(reader):
    broken, whole = reference("broken.xml", BROKEN), reference("whole.xml", CONTENT)
    notice = read(reader, message(broken, whole), broken=BROKEN, whole=CONTENT)

    assert notice.data["requestFile"]["id"] == whole.id
    assert subject.SEVERAL in rules_of(notice)


def test_only_xml_files_that_are_not_too_large_are_wanted(eforms_schemas):
    reader = RequestReader(Requests(max_xml_bytes=len(CONTENT)), eforms_schemas)
    large = reference("large.xml", CONTENT + b"\n")
    typed = reference("typed", CONTENT, "application/vnd.example+xml; charset=utf-8")
    named = reference("NAMED.XML", CONTENT, "application/octet-stream")

    assert reader.wanted(message(XML, PDF, None, large, typed, named)) == (XML, typed, named)


def test_a_file_that_is_too_large_is_told(eforms_schemas):
    reader = RequestReader(Requests(max_xml_bytes=1024, **RULES), eforms_schemas)

    notice = read(reader, message(XML, template_id=TEMPLATE))

    assert f"an XML file has {len(CONTENT)} bytes; at most 1024 are read" in rules_of(notice)


def test_large_specific_content_stays_in_the_file(eforms_schemas):
    reader = RequestReader(Requests(max_specific_content_bytes=20), eforms_schemas)

    notice = read(reader, message(XML), request=CONTENT)

    assert "specificContent" not in notice.data["request"]
    assert notice.data["problems"] == [
        {"path": "/ServiceRequest/specificContent", "rule": subject.SPECIFIC_TOO_LARGE}
    ]


def test_a_request_that_is_too_large_stays_in_the_file(eforms_schemas):
    reader = RequestReader(Requests(max_notification_bytes=16 * 1024), eforms_schemas)
    content = REQUEST.replace("Измислена епикриза", "я" * 16 * 1024).encode()
    file = reference("request.xml", content)

    notice = read(reader, message(file), request=content)

    assert "request" not in notice.data
    assert notice.data["requestFile"]["id"] == file.id
    assert rules_of(notice) == [subject.TOO_LARGE]
    assert notice.rnu == "3f0c2a5e-6b1d-4c57-9a41-0d2b8f6e7a10"


def test_of_very_many_problems_the_first_are_listed(reader):
    document = '<attachedDocument a="1"><identifier>a</identifier></attachedDocument>'
    content = REQUEST.replace(
        "<dataProcessingAgreement>", f"{document * 120}<dataProcessingAgreement>"
    ).encode()

    notice = read(reader, message(XML), request=content)

    assert len(notice.data["problems"]) == 100
    assert notice.data["furtherProblems"] == 20


def test_a_document_gets_the_one_file_of_its_name(reader):
    other = reference("EPIKRIZA.PDF", b"%PDF other", "application/pdf")

    alone = read(reader, message(XML, PDF), request=CONTENT).data["request"]["attachedDocuments"]
    twice = read(reader, message(XML, PDF, other), request=CONTENT).data["request"]["attachedDocuments"]

    assert [one.get("file", {}).get("id") for one in alone] == [PDF.id, None]
    assert [one.get("file") for one in twice] == [None, None]


def test_nothing_of_the_message_stands_in_its_repr(reader):
    opened = message(XML, PDF, fields={FIELD: "тайна"})
    notice = read(reader, opened, request=CONTENT)

    for shown in (repr(opened), repr(notice)):
        assert not any(secret in shown for secret in ("тайна", "Измислен", "7223154154", "epikriza"))
