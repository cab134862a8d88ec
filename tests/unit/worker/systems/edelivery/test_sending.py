"""Sending messages step by step, with fakes at the ports of the ESB, the HTTP clients and the file store."""

from __future__ import annotations

import hashlib
import json

import pytest

from contracts.edelivery.examples import FILES_FIELD, TEXT_FIELD
from contracts.reasons import Reason
from contracts.registry import EVENT_TYPES
from tests.support.systems.edelivery.answers import (
    answer,
    field,
    problem,
    template,
    uploaded,
)
from tests.support.systems.edelivery.making import NOW, ONE_TEXT, event, route, walk, world
from worker.file_store import FileOwner, NewFile
from worker.outcome import (
    Accepted,
    Blocked,
    Rejected,
    Unknown,
)
from worker.systems.port import Attempt, NotPrepared, Refused

FILE_ID = "0b1f4c6e-6a1e-5d0c-9b66-3f0f0a6f8f11"
HELLO = hashlib.sha256(b"hello").hexdigest()


UPLOAD = "https://esb.test:5051/ed2/upload/blobs?type=Temporary"
SENDING = {
    ("GET", "/templates/1"): answer(template()),
    ("POST", UPLOAD): [answer(uploaded(990001)), answer(uploaded(990002))],
    ("POST", "/messages"): answer(4711023),
}


async def with_upload(made, content=b"hello"):
    new = NewFile(FILE_ID, FileOwner("herald", "https://hospital.test"), "application/pdf", "епикриза.pdf")

    async def chunks():
        yield content

    await made.store.save(new, chunks())
    return made


def with_digest():
    data = json.loads(json.dumps(EVENT_TYPES["edelivery.message.send.v1"].example))
    data["fields"][1]["files"][0]["uploaded"] = {"id": FILE_ID, "sha256": HELLO}
    return data


async def test_a_message_with_files_is_uploaded_scanned_and_sent():
    made = await with_upload(world(route(SENDING)))
    walked = await walk(made.system, event("message.send", with_digest()))
    assert walked.steps == ["template", "upload-1", "upload-2", "send"]
    assert walked.outcome == Accepted({"messageId": 4711023, "rnu": "rnu-1"}, reference="4711023")
    first, second = walked.messages[1:3]
    assert (first.file.id, first.file.size) == (FILE_ID, 5)
    assert b'filename="\xd0\xb5' in first.request
    assert b"Content-Type: application/pdf" in first.request
    assert second.file is None
    assert b"\r\n\r\nhello\r\n--herald-message-3--\r\n" in second.request
    assert json.loads(walked.messages[3].request) == {
        "recipientProfileIds": [204153],
        "subject": "Епикриза, прием 000123",
        "rnu": "rnu-1",
        "templateId": 1,
        "fields": {TEXT_FIELD: "Измислен пример", FILES_FIELD: [990001, 990002]},
    }


async def test_an_uploaded_file_becomes_the_submissions():
    made = await with_upload(world(route(SENDING)))
    told = event("message.send", with_digest())
    await walk(made.system, told)
    assert made.store.files[FILE_ID][0].owner == FileOwner("edelivery", told.source, told.id)


async def test_a_message_waits_for_the_scan_of_its_file():
    waiting = answer(uploaded(990001, scan=1))
    table = {
        **SENDING,
        ("POST", UPLOAD): [waiting, answer(uploaded(990002))],
        ("GET", "/blobs/990001"): [
            answer({"blobId": 990001, "isMalicious": one}) for one in (None, None, False)
        ],
    }
    made = await with_upload(world(route(table), files={"scan_seconds": 30}))
    walked = await walk(made.system, event("message.send", with_digest()))
    assert walked.steps == ["template", "upload-1", "scan-1", "scan-1", "scan-1", "upload-2", "send"]
    assert [one.delay for one in walked.outcomes[1:4]] == [30, 30, 30]
    assert walked.outcomes[2].progress == walked.outcomes[1].progress
    assert walked.outcomes[4].delay is None


@pytest.mark.parametrize("scan", [4, "IsMalicious", "ISMALICIOUS"])
async def test_a_malicious_file_is_the_systems_refusal(scan):
    bad = answer(uploaded(None, scan=scan, hash=None, hashAlgorithm=None))
    made = await with_upload(world(route({**SENDING, ("POST", UPLOAD): bad})))
    walked = await walk(made.system, event("message.send", with_digest()))
    (error,) = walked.outcome.errors
    assert (error.type, error.faulty_attribute) == ("malware", "$.data.fields[1].files[0]")
    assert len(made.gateway.requests) == 2


@pytest.mark.parametrize(
    ("scanned", "steps"),
    [
        (answer(uploaded(990001, scan=3)), ["template", "upload-1"]),
        (answer(uploaded(990001, scan="NotSure")), ["template", "upload-1"]),
        (answer(uploaded(990001, scan="None")), ["template", "upload-1", "scan-1"]),
    ],
    ids=["number", "name", "not-shown"],
)
async def test_a_file_that_is_not_known_to_be_clean_is_sent_only_where_the_settings_say_so(scanned, steps):
    table = {
        **SENDING,
        ("POST", UPLOAD): [scanned, answer(uploaded(990002))],
        # The public server shows only files that are stored for good.
        ("GET", "/blobs/990001"): problem(404),
    }
    made = await with_upload(world(route(table)))
    refused = await walk(made.system, event("message.send", with_digest()))
    assert refused.steps == steps
    assert (type(refused.outcome), refused.outcome.reason) == (Blocked, Reason.CONFIGURATION)
    made = await with_upload(world(route(table), files={"not_sure": "send"}))
    assert isinstance((await walk(made.system, event("message.send", with_digest()))).outcome, Accepted)


async def test_full_storage_is_an_operators_matter():
    full = answer(uploaded(None, scan=1, errorStatus=1))
    made = await with_upload(world(route({**SENDING, ("POST", UPLOAD): full})))
    outcome = (await walk(made.system, event("message.send", with_digest()))).outcome
    assert (type(outcome), outcome.reason) == (Blocked, Reason.REQUEST_TOO_LARGE)


async def test_an_upload_whose_digest_the_system_states_otherwise_is_repeated():
    other = answer(uploaded(content=b"other"))
    made = await with_upload(world(route({**SENDING, ("POST", UPLOAD): other})))
    walked = await walk(made.system, event("message.send", with_digest()))
    assert (walked.steps[-1], type(walked.outcome)) == ("upload-1", Unknown)


async def test_the_event_is_checked_by_its_template_before_anything_of_it_is_sent():
    kind = template(
        field(TEXT_FIELD, "checkbox"), field("11111111-1111-1111-1111-111111111111", "file", required=True)
    )
    made = world(route({("GET", "/templates/1"): answer(kind)}))
    with pytest.raises(Refused) as refused:
        await walk(made.system, event("message.send", ONE_TEXT))
    assert [one.path for one in refused.value.problems] == ["$.data.fields[0].text", "$.data.fields"]
    assert len(made.gateway.requests) == 1


async def test_a_file_that_was_not_uploaded_is_refused_before_the_first_request():
    made = world(route({}))
    with pytest.raises(Refused) as refused:
        await walk(made.system, event("message.send"))
    (problem_,) = refused.value.problems
    assert (problem_.path, problem_.rule) == (
        "$.data.fields[1].files[0].uploaded",
        "uploaded-file-unknown",
    )
    assert made.gateway.requests == []


async def test_a_file_with_another_digest_is_refused():
    made = await with_upload(world(route({})), b"other")
    with pytest.raises(Refused) as refused:
        await walk(made.system, event("message.send", with_digest()))
    assert refused.value.problems[0].rule == "uploaded-file-differs"


async def test_without_a_store_an_uploaded_file_is_an_operators_matter():
    made = world(route({}), with_store=False)
    with pytest.raises(NotPrepared) as unprepared:
        await walk(made.system, event("message.send"))
    assert unprepared.value.outcome.reason == Reason.CONFIGURATION


async def test_a_template_that_does_not_exist_is_the_systems_refusal():
    made = world(route({("GET", "/templates/1"): problem(404)}))
    outcome = (await walk(made.system, event("message.send", ONE_TEXT))).outcome
    assert outcome.errors[0].faulty_attribute == "$.data.templateId"


async def test_a_refused_message_states_the_systems_errors():
    refusal = problem(400, errors={"RecipientProfileIds": ["Can not send to recipients"]})
    made = world(route({**SENDING, ("POST", "/messages"): refusal}))
    outcome = (await walk(made.system, event("message.send", ONE_TEXT))).outcome
    assert isinstance(outcome, Rejected)
    assert [(one.reason, one.faulty_attribute) for one in outcome.errors] == [
        ("Can not send to recipients", "RecipientProfileIds")
    ]


async def test_a_message_on_behalf_of_another_takes_that_ones_paths_and_token():
    table = {
        ("GET", "/obo/templates/1"): answer(template()),
        ("POST", "/obo/messages"): answer(4711023),
    }
    made = world(route(table))
    told = event("message.send-on-behalf", {**ONE_TEXT, "onBehalfOf": "branch"})
    assert isinstance((await walk(made.system, told)).outcome, Accepted)
    assert [one[2].represented_person_id for one in made.esb.asked] == ["204153", "204153"]


@pytest.mark.parametrize("name", ["stranger", "clerk"])
async def test_nobody_is_represented_whom_the_settings_do_not_name(name):
    made = world(route({}))
    told = event("message.send-on-behalf", {**ONE_TEXT, "onBehalfOf": name})
    with pytest.raises(Refused) as refused:
        await made.system.check(told)
    assert refused.value.reason == Reason.SIGNER_NOT_ALLOWED
    assert refused.value.problems[0].path == "$.data.onBehalfOf"
    with pytest.raises(Refused):
        await made.system.prepare(told, Attempt(1, "m", NOW, "i"))
    assert (made.esb.asked, made.gateway.requests) == ([], [])
