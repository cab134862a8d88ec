"""eForms behind the System port: answers in steps over eDelivery, case messages to the hook."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest
from lxml import etree

from contracts.eforms.examples import RESPONSE as EXAMPLE
from contracts.reasons import Reason
from tests.support.systems.eforms.hospital import (
    CASES,
    DOCUMENTS_FIELD,
    RESPONSE,
    SEND,
    TELL,
    XML_FIELD,
    FakeEsb,
    Hospital,
    answered,
    attempt,
    event,
)
from worker.file_store import FileOwner, NewFile
from worker.outcome import Accepted, Advanced, Blocked, NotArrived, Unknown
from worker.systems.eforms.outgoing import subject_of
from worker.systems.port import NotPrepared, Recovery, Refused
from worker.systems.steps import HasSteps

CONTENT = b"%PDF-1.7 invented"
APART = {**RESPONSE, "documents_field": DOCUMENTS_FIELD}


class Permit:
    """A guard that permits sending."""

    def begin(self):
        pass


async def chunks(content):
    yield content


@pytest.fixture
def make(eforms_schemas):
    return lambda **settings: Hospital(eforms_schemas, **settings)


async def with_upload(hospital):
    """Upload the document of the example, and return the event's data with its digest."""
    data = deepcopy(EXAMPLE)
    uploaded = data["documents"][0]["uploaded"]
    new = NewFile(uploaded["id"], FileOwner("eforms", "https://hospital.test"), "application/pdf")
    stored = await hospital.store.save(new, chunks(CONTENT))
    uploaded["sha256"] = stored.sha256
    return data


def template(files, texts=()):
    fields = [*((one, "file") for one in files), *((one, "textfield") for one in texts)]
    return answered(
        {"content": [{"id": one, "type": kind, "isRequired": kind != "file"} for one, kind in fields]}
    )


class Office:
    """eDelivery's answers to the steps of one message."""

    def __init__(self, *fields):
        self.fields = fields
        self.texts = ()
        self.blob = 100
        self.sent = []

    def answer(self, prepared):
        if prepared.step == "template":
            return template(self.fields, self.texts)
        if prepared.step.startswith("upload"):
            self.blob += 1
            return answered({"blobId": self.blob, "malwareScanStatus": 1, "errorStatus": 0})
        if prepared.step.startswith("scan"):
            blob = int(prepared.url.rpartition("/")[2])
            return answered({"blobId": blob, "isMalicious": False})
        self.sent.append(json.loads(prepared.request))
        return answered(48211)


async def deliver(hospital, submission, office):
    """Take every step, and return the outcome with the steps' names and requests."""
    progress, taken = {}, []
    for _ in range(20):
        step = hospital.system.step(submission, progress)
        prepared = await hospital.system.prepare(submission, attempt(progress))
        assert prepared.step == step.name
        taken.append((step, prepared))
        outcome = hospital.system.interpret(submission, prepared, office.answer(prepared))
        if not isinstance(outcome, Advanced):
            return outcome, taken
        progress = outcome.progress
    raise AssertionError("too many steps")


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


async def progress_before_sending(hospital, submission):
    _, taken = await deliver(hospital, submission, Office(XML_FIELD))
    return taken[-1][1].progress


SENT_AT = "2100-01-01T00:00:00"
"""After every first step, whatever the clock of the test says."""


def outbox(*messages, views=(), complete=True):
    return answered(
        {
            "result": list(messages),
            "length": len(messages),
            "views": list(views),
            "complete": complete,
            "covers_today": True,
        }
    )


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        pytest.param(None, NotArrived, id="nothing-there"),
        pytest.param("own", Accepted, id="this-answer"),
        pytest.param("other", NotArrived, id="another-answer-to-the-same-request"),
    ],
)
async def test_a_lost_answer_is_looked_for_by_its_own_subject(make, subject, expected):
    """Answers to one request share its number, the template and the recipient."""
    hospital = make(response=RESPONSE, look_up={"sent_rnu": "kept"})
    data = deepcopy(EXAMPLE) | {"documents": []}
    submission = event(SEND, data, rnu="rnu-of-the-request")
    other = event(SEND, data, event_id="2", rnu="rnu-of-the-request")
    named = {"own": subject_of(submission.data, submission), "other": subject_of(other.data, other)}
    listed = {"messageId": 3, "rnu": "rnu-of-the-request", "templateId": 5, "subject": named.get(subject)}
    progress = await progress_before_sending(hospital, submission)

    look_up = await hospital.system.prepare_look_up(
        submission, attempt(progress), Unknown(Reason.ANSWER_TIMEOUT, "x")
    )
    view = {
        **listed,
        "recipients": [{"profileId": 7}],
        "dateSent": SENT_AT,
        "fields": {XML_FIELD: [{"blobId": 9}]},
    }
    shown = outbox(*([listed] if subject else []), views=[view])
    outcome = hospital.system.settle(submission, Unknown(Reason.ANSWER_TIMEOUT, "x"), look_up, shown)

    assert look_up.url.startswith("https://esb.test/ed2/api/messages/outbox?")
    assert type(outcome) is expected
    if isinstance(outcome, Accepted):
        assert outcome.data == {"messageId": 3, "rnu": "rnu-of-the-request", "foundByLookUp": True}


def test_subjects_are_short_and_differ(make):
    long = deepcopy(EXAMPLE)
    long["requestUri"]["identifier"] = "💊" * 1000
    subjects = {
        subject_of(one.data, one) for one in (event(SEND, long, event_id=str(number)) for number in range(50))
    }

    assert len(subjects) == 50
    assert max(len(one.encode("utf-16-le")) // 2 for one in subjects) <= 255


async def test_without_its_section_an_answer_is_refused(make):
    system = make().system

    for call in (system.check(event(SEND)), system.prepare(event(SEND), attempt())):
        with pytest.raises(Refused) as refused:
            await call
        assert refused.value.reason is Reason.CONFIGURATION
        assert "systems.eforms.response" in refused.value.problems[0].message


async def test_an_answer_in_doubt_waits_for_its_section(make):
    """The section was there when the answer was sent: what may have been sent is not sent again."""
    system, submission = make().system, event(SEND)
    prepared = await make(case_messages=CASES).system.prepare(event(TELL), attempt())

    assert system.step(submission, {}).recovery is Recovery.LOOK_UP_FIRST
    with pytest.raises(NotPrepared) as stopped:
        await system.prepare_look_up(submission, attempt(), Unknown(Reason.ANSWER_TIMEOUT, "x"))
    assert stopped.value.outcome.reason is Reason.CONFIGURATION
    for outcome in (
        system.interpret(submission, prepared, answered({})),
        system.settle(submission, Unknown(Reason.ANSWER_TIMEOUT, "x"), prepared, answered({})),
    ):
        assert isinstance(outcome, Unknown)


async def test_a_case_message_goes_to_the_hook_with_its_own_token(make, tmp_path):
    (tmp_path / "token").write_text("of-the-hook\n")
    hospital = make(case_messages={**CASES, "token_file": tmp_path / "token", "miscinfo": "dn:/C=BG"})
    submission = event(TELL)

    prepared = await hospital.system.prepare(submission, attempt())
    answer = await hospital.system.exchange(prepared, Permit())

    assert hospital.system.interpret(submission, prepared, answer) == Accepted({"stated": "Success !"})
    (request,) = hospital.hook_client.requests
    assert request.url == f"https://eforms.test/api/admin/cases/{submission.data.business_key}/messages"
    assert request.headers["authorization"] == "Bearer of-the-hook"
    assert request.headers["dp-miscinfo"] == "dn:/C=BG"
    assert "authorization" not in prepared.headers
    assert not request.reuse
    assert hospital.esb.http.requests == []


async def test_a_case_message_is_held_where_its_outcome_is_unknown(make):
    system, submission = make(case_messages=CASES).system, event(TELL)

    assert isinstance(system, HasSteps)
    assert system.step(submission, {}).recovery is Recovery.HOLD
    assert system.recovery(submission) is Recovery.HOLD
    assert await system.prepare_look_up(submission, attempt(), Unknown(Reason.ANSWER_TIMEOUT, "x")) is None


async def test_without_its_section_a_case_message_is_refused(make):
    system = make().system

    for call in (system.check(event(TELL)), system.prepare(event(TELL), attempt())):
        with pytest.raises(Refused) as refused:
            await call
        assert refused.value.reason is Reason.CONFIGURATION
        assert "systems.eforms.case_messages" in refused.value.problems[0].message


async def test_a_refused_token_of_the_esb_is_dropped_and_one_of_the_hook_is_not_the_esbs(make):
    hospital = make(case_messages=CASES, response=RESPONSE)
    told = await hospital.system.prepare(event(TELL), attempt())
    sent = await hospital.system.prepare(event(SEND, deepcopy(EXAMPLE) | {"documents": []}), attempt())

    await hospital.system.reauthorize(told)
    await hospital.system.reauthorize(sent)

    assert hospital.esb.dropped == [sent]


async def test_what_is_open_is_closed(make):
    hospital = make(case_messages=CASES)

    await hospital.system.close()

    assert hospital.esb.http.closed
    assert hospital.hook_client.closed
    assert isinstance(hospital.esb, FakeEsb)


@pytest.mark.parametrize(
    ("settings", "refused"),
    [
        ({"response": RESPONSE, "case_messages": CASES}, []),
        ({"case_messages": CASES}, ["response.send"]),
        ({"response": RESPONSE}, ["case.message"]),
        ({}, ["response.send", "case.message"]),
    ],
    ids=["all", "no answers", "no hook", "neither"],
)
def test_operations_without_their_settings_are_told(make, settings, refused):
    told = make(**settings).system.refused_operations()
    assert list(told) == refused
    assert all("systems.eforms." in why for why in told.values())
