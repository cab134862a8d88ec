"""From an opened message to its notification."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from contracts import notifications
from tests.support.systems.eforms.messages import (
    FIELD,
    FILES,
    NOT_FETCHED,
    PDF_FILE,
    REQUEST,
    TEMPLATE,
    message,
    xml_file,
)
from worker.systems.eforms import notice as subject
from worker.systems.eforms.notice import EVENT_TYPE, RequestReader
from worker.systems.eforms.settings import Requests

CONTENT = REQUEST.encode()
NUMBER = "3f0c2a5e-6b1d-4c57-9a41-0d2b8f6e7a10"
BROKEN = CONTENT[: len(CONTENT) // 2]


def as_xml(content: bytes):
    return xml_file("request.xml", content)


XML = as_xml(CONTENT)
UNREAD = replace(XML, content=None)


def read(reader, opened):
    notice = reader.notice_of(opened)
    if notice is not None:
        notifications.validate("eforms", EVENT_TYPE, notice.data)
    return notice


def rules_of(notice) -> list[str]:
    return [one["rule"] for one in notice.data.get("problems", [])]


def test_a_whole_request_is_published_as_the_golden_file_has_it(reader):
    notice = read(reader, message(XML, PDF_FILE))

    golden = json.loads((FILES / "notification.json").read_text(encoding="utf-8"))
    assert json.loads(json.dumps(notice.data)) == golden
    assert notice.type == EVENT_TYPE
    assert notice.key == "message:48207"
    assert notice.reference is None


def test_a_request_in_a_field_is_read(reader):
    notice = read(reader, message(PDF_FILE, fields={"flag": True, "other": "A < B", FIELD: f"\n {REQUEST}"}))

    assert notice.data["requestField"] == FIELD
    assert "requestFile" not in notice.data
    assert notice.data["request"]["tax"]["amount"] == "10.50"


@pytest.mark.parametrize(
    "opened",
    [
        pytest.param(message(PDF_FILE), id="a-pdf"),
        pytest.param(message(fields={FIELD: "Здравейте"}), id="a-text"),
        pytest.param(message(fields={FIELD: "<p>Здравейте</p>"}), id="html"),
        pytest.param(message(as_xml(b"<ServiceRequestResponse/>")), id="an-answer"),
        pytest.param(message(as_xml(b"<ServiceRequestEmbedded/>")), id="an-inner-form"),
        pytest.param(message(as_xml(b"<other>")), id="broken"),
        pytest.param(message(as_xml(b"")), id="empty"),
        pytest.param(message(UNREAD), id="not-read"),
        pytest.param(message(NOT_FETCHED), id="not-fetched"),
        pytest.param(message(PDF_FILE, template_id=None), id="no-template"),
    ],
)
def test_any_other_message_is_none(reader, opened):
    assert read(reader, opened) is None


@pytest.mark.parametrize(
    ("opened", "rule"),
    [
        pytest.param(message(PDF_FILE, template_id=TEMPLATE), subject.NOTHING_FOUND, id="no-xml"),
        pytest.param(
            message(as_xml(b"<other/>"), template_id=TEMPLATE), subject.NOTHING_FOUND, id="other-xml"
        ),
        pytest.param(message(NOT_FETCHED, template_id=TEMPLATE), subject.NOT_FETCHED, id="not-fetched"),
        pytest.param(message(UNREAD, template_id=TEMPLATE), subject.NOT_READ, id="not-read"),
        pytest.param(message(as_xml(BROKEN)), "The content is not well-formed XML", id="broken"),
        pytest.param(message(as_xml(b"<!DOCTYPE a>" + CONTENT[38:])), "The XML carries a DTD", id="dtd"),
        pytest.param(
            message(fields={FIELD: REQUEST[:-20]}), "The content is not well-formed XML", id="broken-field"
        ),
        pytest.param(
            message(as_xml(b"<ServiceRequest>" + b"<a>" * 60 + b"</a>" * 60 + b"</ServiceRequest>")),
            "The XML is nested deeper",
            id="deep",
        ),
        pytest.param(
            message(as_xml(b"<ServiceRequest>" + b"<a/>" * 30_000 + b"</ServiceRequest>")),
            "The XML has more than",
            id="many-parts",
        ),
    ],
)
def test_a_request_that_cannot_be_read_is_published(reader, opened, rule):
    notice = read(reader, opened)

    assert "request" not in notice.data
    assert any(one.startswith(rule) for one in rules_of(notice))
    fetched = [one.reference for one in opened.files if one.reference is not None]
    assert [one["id"] for one in notice.data.get("files", [])] == [one.id for one in fetched]


def test_an_unreadable_request_names_its_file(reader):
    broken = as_xml(BROKEN)

    assert read(reader, message(broken, PDF_FILE)).data["requestFile"]["id"] == broken.reference.id


def test_an_unreadable_request_names_its_field(reader):
    assert read(reader, message(fields={FIELD: REQUEST[:-20]})).data["requestField"] == FIELD


@pytest.mark.parametrize(("template", "by"), [(TEMPLATE, "template"), (1, "root-element")])
def test_it_says_why_it_was_taken_for_a_request(reader, template, by):
    assert read(reader, message(XML, template_id=template)).data["recognisedBy"] == by


@pytest.mark.parametrize(
    ("rnu", "expected"),
    [
        pytest.param("rnu-of-the-message", "rnu-of-the-message", id="the-messages"),
        pytest.param(None, NUMBER, id="none"),
        pytest.param("", NUMBER, id="empty"),
        pytest.param("x" * 65, NUMBER, id="too-long"),
        pytest.param("a\nb", NUMBER, id="two-lines"),
    ],
)
def test_the_reference_number_is_the_messages_or_the_requests(reader, rnu, expected):
    assert read(reader, message(XML, rnu=rnu)).rnu == expected


def test_a_number_that_cannot_be_one_is_none(reader):
    content = REQUEST.replace(NUMBER, "x" * 65).encode()

    assert read(reader, message(as_xml(content))).rnu is None


def test_of_several_requests_the_first_readable_one_is_published(reader):
    whole = xml_file("whole.xml", CONTENT)
    notice = read(reader, message(as_xml(BROKEN), whole))

    assert notice.data["requestFile"]["id"] == whole.reference.id
    assert subject.SEVERAL in rules_of(notice)


def test_large_specific_content_stays_in_the_file(eforms_schemas):
    reader = RequestReader(Requests(max_specific_content_bytes=20), eforms_schemas, 900 * 1024)

    notice = read(reader, message(XML))

    assert "specificContent" not in notice.data["request"]
    assert notice.data["problems"] == [
        {"path": "/ServiceRequest/specificContent", "rule": subject.SPECIFIC_TOO_LARGE}
    ]


def test_a_request_that_is_too_large_stays_in_the_file(eforms_schemas):
    reader = RequestReader(Requests(), eforms_schemas, 16 * 1024)
    file = as_xml(REQUEST.replace("Измислена епикриза", "я" * 16 * 1024).encode())

    notice = read(reader, message(file))

    assert "request" not in notice.data
    assert notice.data["requestFile"]["id"] == file.reference.id
    assert rules_of(notice) == [subject.TOO_LARGE]
    assert notice.rnu == NUMBER


def test_many_problems_and_files_never_make_a_notification_too_large(eforms_schemas):
    """16 KiB is the least that the settings let a topic take."""
    reader = RequestReader(Requests(), eforms_schemas, 16 * 1024)
    document = '<attachedDocument a="1"><identifier>a</identifier></attachedDocument>'
    wrong = as_xml(
        REQUEST.replace("<dataProcessingAgreement>", f"{document * 120}<dataProcessingAgreement>").encode()
    )

    some = read(reader, message(wrong, *[PDF_FILE] * 30))
    many = read(reader, message(wrong, *[PDF_FILE] * 100))

    assert [len(one.data.get("files", [])) for one in (some, many)] == [31, 0]
    for notice, rule in ((some, subject.TOO_LARGE), (many, subject.TOO_LARGE_WITH_FILES)):
        assert rules_of(notice)[0] == rule
        assert len(notice.data["problems"]) == 5
        assert notice.data["furtherProblems"] == 116
        assert len(json.dumps(notice.data, ensure_ascii=False).encode()) <= 16 * 1024


def test_of_very_many_problems_the_first_are_listed(reader):
    document = '<attachedDocument a="1"><identifier>a</identifier></attachedDocument>'
    content = REQUEST.replace(
        "<dataProcessingAgreement>", f"{document * 120}<dataProcessingAgreement>"
    ).encode()

    notice = read(reader, message(as_xml(content)))

    assert len(notice.data["problems"]) == 100
    assert notice.data["furtherProblems"] == 20


def test_a_document_gets_the_one_file_of_its_name(reader):
    other = replace(PDF_FILE, reference=PDF_FILE.reference.model_copy(update={"name": "EPIKRIZA.PDF"}))

    alone = read(reader, message(XML, PDF_FILE)).data["request"]["attachedDocuments"]
    twice = read(reader, message(XML, PDF_FILE, other)).data["request"]["attachedDocuments"]

    assert [one.get("file", {}).get("id") for one in alone] == [PDF_FILE.reference.id, None]
    assert [one.get("file") for one in twice] == [None, None]


def test_nothing_of_the_message_stands_in_a_repr(reader):
    notice = read(reader, message(XML, PDF_FILE))

    assert not any(secret in repr(notice) for secret in ("Измислен", "7223154154", "epikriza"))
