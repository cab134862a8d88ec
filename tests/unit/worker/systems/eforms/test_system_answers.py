"""Answers of eForms in steps over eDelivery: what is uploaded and sent, and what is refused before."""

from __future__ import annotations

from copy import deepcopy

import pytest
from lxml import etree

from contracts.eforms.examples import RESPONSE as EXAMPLE
from contracts.reasons import Reason
from tests.support.systems.eforms.hospital import (
    DOCUMENTS_FIELD,
    RESPONSE,
    SEND,
    XML_FIELD,
    answered,
    attempt,
    event,
)
from tests.support.systems.eforms.office import CONTENT, Office, deliver, with_upload
from worker.outcome import Accepted, Blocked
from worker.systems.eforms.outgoing import subject_of
from worker.systems.port import Recovery, Refused

APART = {**RESPONSE, "documents_field": DOCUMENTS_FIELD}


async def test_an_answer_goes_out_with_its_documents(make):
    hospital = make(response=RESPONSE)
    submission = event(SEND, await with_upload(hospital), rnu="rnu-of-the-request")
    office = Office(XML_FIELD)

    outcome, taken = await deliver(hospital, submission, office)

    assert outcome == Accepted({"messageId": 48211, "rnu": "rnu-of-the-request"}, reference="48211")
    assert [step.name for step, _ in taken] == [
        "template",
        "upload-1",
        "scan-1",
        "upload-2",
        "scan-2",
        "send",
    ]
    assert {step.recovery for step, _ in taken[:-1]} == {Recovery.REPEAT}
    assert taken[-1][0].recovery is Recovery.LOOK_UP_FIRST
    assert office.sent == [
        {
            "recipientProfileIds": [7],
            "subject": subject_of(submission.data, submission),
            "rnu": "rnu-of-the-request",
            "templateId": 5,
            "fields": {XML_FIELD: [101, 102]},
        }
    ]


async def test_the_xml_is_uploaded_under_its_name_and_the_document_from_the_store(make):
    hospital = make(response={**RESPONSE, "xml_name": "answer.xml"})
    submission = event(SEND, await with_upload(hospital))

    _, taken = await deliver(hospital, submission, Office(XML_FIELD))
    requests = {step.name: prepared for step, prepared in taken}

    body = requests["upload-1"].request
    assert b'filename="answer.xml"' in body
    assert b"application/xml" in body
    xml = etree.fromstring(body[body.index(b"<?xml") : body.index(b"</ServiceRequestResponse>") + 25])
    assert xml.findtext("attachedDocument/identifier") == "udostoverenie.pdf"
    document = requests["upload-2"]
    assert b'filename="udostoverenie.pdf"' in document.request
    assert (document.file.id, document.file.size) == (submission.data.documents[0].uploaded.id, len(CONTENT))


async def test_documents_may_have_a_field_of_their_own(make):
    hospital = make(response=APART)
    submission, office = event(SEND, await with_upload(hospital)), Office(XML_FIELD, DOCUMENTS_FIELD)

    await deliver(hospital, submission, office)

    assert office.sent[0]["fields"] == {XML_FIELD: [101], DOCUMENTS_FIELD: [102]}


async def test_further_fields_of_the_template_have_the_settings_texts(make):
    text = "33333333-3333-3333-3333-333333333333"
    hospital, office = make(response={**RESPONSE, "texts": {text: "Измислено"}}), Office(XML_FIELD)
    office.texts = (text,)

    await deliver(hospital, event(SEND, deepcopy(EXAMPLE) | {"documents": []}), office)

    assert office.sent[0]["fields"] == {text: "Измислено", XML_FIELD: [101]}


async def test_without_uploaded_documents_their_field_is_absent(make):
    hospital, office = make(response=APART), Office(XML_FIELD, DOCUMENTS_FIELD)

    await deliver(hospital, event(SEND, deepcopy(EXAMPLE) | {"documents": []}), office)

    assert office.sent[0]["fields"] == {XML_FIELD: [101]}


async def test_an_answer_of_which_the_file_is_absent_is_refused_before_anything_is_sent(make):
    with pytest.raises(Refused) as refused:
        await make(response=RESPONSE).system.prepare(event(SEND), attempt())

    assert refused.value.reason is Reason.CONTRACT_VIOLATION
    assert [one.path for one in refused.value.problems] == ["$.data.documents[0].uploaded"]


async def test_a_template_without_the_field_is_the_operators_to_correct(make):
    hospital = make(response=RESPONSE)
    submission = event(SEND, deepcopy(EXAMPLE) | {"documents": []})

    with pytest.raises(Refused) as refused:
        await deliver(hospital, submission, Office(DOCUMENTS_FIELD))

    assert refused.value.reason is Reason.CONFIGURATION
    assert [one.path for one in refused.value.problems] == ["systems.eforms.response.xml_field.id"]


async def test_a_template_that_is_not_there_is_the_operators_to_correct(make):
    hospital = make(response=RESPONSE)
    submission = event(SEND, deepcopy(EXAMPLE) | {"documents": []})
    prepared = await hospital.system.prepare(submission, attempt())

    outcome = hospital.system.interpret(
        submission, prepared, answered({"status": 404, "title": "Not Found"}, 404)
    )

    assert isinstance(outcome, Blocked)
    assert outcome.reason is Reason.CONFIGURATION
    assert "systems.eforms.response.template_id" in outcome.detail


async def test_an_answer_that_the_schema_does_not_take_is_refused_by_the_check(make):
    submission = event(SEND, deepcopy(EXAMPLE) | {"requestDateTime": "2026-02-30T09:30:00"})

    with pytest.raises(Refused) as refused:
        await make(response=RESPONSE).system.check(submission)

    assert refused.value.reason is Reason.SCHEMA_VIOLATION
