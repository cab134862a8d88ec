"""The System port as a whole, with fakes at the ports of the ESB, the HTTP clients and the file store."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from contracts.edelivery.examples import FILES_FIELD, TEXT_FIELD
from contracts.reasons import Reason
from contracts.reference_number import generated
from contracts.registry import EVENT_TYPES
from tests.support.contract_events import submissions
from tests.support.systems.edelivery.answers import (
    CONTENT,
    LINK,
    answer,
    blob,
    field,
    listed,
    opened,
    page,
    problem,
    sent,
    template,
    uploaded,
)
from tests.support.systems.edelivery.making import NOW, as_kept, event, walk, world
from worker.file_store import FileOwner, NewFile
from worker.notice import Notice
from worker.outcome import (
    Accepted,
    Advanced,
    AlreadyExists,
    Blocked,
    NotArrived,
    Rejected,
    Retry,
    Unknown,
)
from worker.systems.calls import ReceivesCalls
from worker.systems.edelivery.settings import Name
from worker.systems.news import LooksForNews
from worker.systems.port import Attempt, LogsIn, NotPrepared, Recovery, Refused
from worker.systems.steps import HasSteps
from worker.transport.port import Answer, DeliveryError, SendGuard

API = "https://esb.test:5051/ed2/api"
TYPES = [one for one in EVENT_TYPES if one.startswith("edelivery.")]
FILE_ID = "0b1f4c6e-6a1e-5d0c-9b66-3f0f0a6f8f11"
HELLO = hashlib.sha256(b"hello").hexdigest()
ONE_TEXT = {
    "recipients": [204153],
    "subject": "Епикриза, прием 000123",
    "templateId": 1,
    "fields": [{"id": TEXT_FIELD, "text": "Измислен пример"}],
}


def route(table):
    """Answer by the first entry whose method and beginning of the path fit; entries with several answer in turn."""
    left = {key: list(value) if isinstance(value, list) else [value] for key, value in table.items()}

    def handle(request):
        for (method, path), answers in left.items():
            if request.method == method and request.url.startswith(path if "://" in path else API + path):
                return answers.pop(0) if len(answers) > 1 else answers[0]
        raise AssertionError(f"unexpected: {request.method} {request.url}")

    return handle


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


def test_it_has_every_event_of_its_contract_and_the_further_parts():
    made = world(route({})).system
    assert set(made.operations) == set(TYPES)
    for part in (HasSteps, LooksForNews, ReceivesCalls, LogsIn):
        assert isinstance(made, part)


def test_only_the_message_itself_is_looked_up_before_it_is_sent_again():
    made = world(route({})).system
    assert made.operations["edelivery.message.send.v1"].recovery is Recovery.LOOK_UP_FIRST
    assert made.operations["edelivery.message.open.v1"].recovery is Recovery.REPEAT
    assert made.operations["edelivery.profile.register-passive.v1"].recovery is Recovery.SAME_IDENTITY
    progress = {"begun": NOW.isoformat(), "template": "[]"}
    step = made.step(event("message.send", ONE_TEXT), progress)
    assert (step.name, step.recovery, step.looks_up) == ("send", Recovery.LOOK_UP_FIRST, True)
    first = made.step(event("message.send", ONE_TEXT), {})
    assert (first.name, first.recovery, first.looks_up) == ("template", Recovery.REPEAT, False)


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
    assert (problem_.path, problem_.rule) == ("$.data.fields[1].files[0].uploaded.id", "uploaded-file")
    assert made.gateway.requests == []


async def test_a_file_with_another_digest_is_refused():
    made = await with_upload(world(route({})), b"other")
    with pytest.raises(Refused) as refused:
        await walk(made.system, event("message.send", with_digest()))
    assert refused.value.problems[0].path == "$.data.fields[1].files[0].uploaded.sha256"


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


async def in_doubt(made, told, found=Unknown(Reason.ANSWER_TIMEOUT, "no answer")):
    """Let the message be sent without an answer, and look it up."""
    progress = {"begun": "2026-02-27T23:30:00+00:00", "template": json.dumps(template()["content"])}
    attempt = Attempt(2, "message-2", NOW, made.system.identity(told), progress)
    message = await made.system.prepare_look_up(told, attempt, found)
    answered = await made.system.exchange(message, SendGuard(lambda: True))
    return message, made.system.settle(told, found, message, answered)


async def test_the_look_up_asks_from_the_day_before_the_first_step():
    made = world(route({("GET", "/messages/outbox"): answer(page())}))
    message, _ = await in_doubt(made, event("message.send", ONE_TEXT))
    # 23:30 in UTC is the next day in Sofia; the interface reads its last day as the beginning of it.
    assert message.url == (
        f"{API}/messages/outbox?from=2026-02-27&to=2026-03-03&templateId=1&offset=0&limit=100"
    )


LOOKED_UP = {
    "absent": ([], [], "unknown", NotArrived),
    "ours": ([listed()], [sent()], "unknown", Accepted),
    "another-recipient": ([listed()], [sent(recipients=(5,))], "unknown", NotArrived),
    "another-subject": ([listed(subject="Друго")], [], "unknown", NotArrived),
    "twice": ([listed(1), listed(2)], [sent(1), sent(2)], "unknown", Unknown),
    "another-number": ([listed(rnu="other")], [sent(rnu="other")], "unknown", Unknown),
    "another-number-kept": ([listed(rnu="other")], [], "kept", NotArrived),
    "another-number-replaced": ([listed(rnu="other")], [sent(rnu="other")], "replaced", Accepted),
    "two-replaced": (
        [listed(1, "a"), listed(2, "b")],
        [sent(1, "a"), sent(2, "b")],
        "replaced",
        Unknown,
    ),
    "unreadable-view": ([listed()], [sent(recipients=())], "unknown", Unknown),
}


@pytest.mark.parametrize("name", LOOKED_UP)
async def test_the_outbox_settles_a_lost_answer(name):
    shown, views, sent_rnu, expected = LOOKED_UP[name]
    table = {("GET", "/messages/outbox"): answer(page(*shown))}
    table |= {("GET", f"/messages/{one['messageId']}/view"): answer(one) for one in views}
    made = world(route(table), look_up={"sent_rnu": sent_rnu})
    _, outcome = await in_doubt(made, event("message.send", ONE_TEXT))
    assert isinstance(outcome, expected)
    if isinstance(outcome, Accepted):
        assert outcome.data["messageId"] == 4711023
        assert outcome.data["foundByLookUp"] is True
        assert outcome.data["rnu"] == "rnu-1"
    if isinstance(outcome, Unknown):
        assert outcome.reason == Reason.OUTCOME_UNKNOWN


async def test_a_number_that_herald_made_for_this_submission_proves_it_alone():
    told = event("message.send", ONE_TEXT)
    told = replace(told, rnu=generated(told.source, told.id))
    made = world(route({("GET", "/messages/outbox"): answer(page(listed(rnu=told.rnu)))}))
    _, outcome = await in_doubt(made, told)
    assert outcome.data == {"messageId": 4711023, "rnu": told.rnu, "foundByLookUp": True}
    assert len(made.gateway.requests) == 1


async def test_what_was_sent_on_behalf_of_another_cannot_be_compared():
    told = event("message.send-on-behalf", {**ONE_TEXT, "onBehalfOf": "branch"})
    made = world(route({("GET", "/obo/messages/outbox"): answer(page(listed()))}))
    _, outcome = await in_doubt(made, told)
    assert (type(outcome), outcome.reason) == (Unknown, Reason.OUTCOME_UNKNOWN)
    made = world(route({("GET", "/obo/messages/outbox"): answer(page())}))
    assert isinstance((await in_doubt(made, told))[1], NotArrived)


async def test_a_look_up_reads_bounded_pages():
    pages = [
        answer(page(*(listed(10 * number + one, subject="Друго") for one in range(2)), total=99))
        for number in range(9)
    ]
    made = world(route({("GET", "/messages/outbox"): pages}), look_up={"page_size": 2, "most_pages": 3})
    _, outcome = await in_doubt(made, event("message.send", ONE_TEXT))
    assert (type(outcome), outcome.reason) == (Unknown, Reason.OUTCOME_UNKNOWN)
    assert [one.url.partition("offset=")[2] for one in made.gateway.requests] == [
        f"{offset}&limit=2" for offset in (0, 2, 4)
    ]


@pytest.mark.parametrize(
    ("failed", "expected"),
    [
        (Answer(401, {}, b""), Retry),
        (Answer(503, {}, b"<html>"), Unknown),
        (Answer(200, {}, b"<html>"), Unknown),
        (answer({"result": "none"}), Unknown),
    ],
    ids=["token", "unavailable", "html", "another-shape"],
)
@pytest.mark.parametrize("where", ["page", "view"])
async def test_a_look_up_that_fails_says_nothing_of_the_message(failed, expected, where):
    table = {
        ("GET", "/messages/outbox"): answer(page(listed())),
        ("GET", "/messages/4711023/view"): answer(sent()),
    }
    table["GET", "/messages/outbox" if where == "page" else "/messages/4711023/view"] = failed
    _, outcome = await in_doubt(world(route(table)), event("message.send", ONE_TEXT))
    if where == "view" and failed.body.startswith(b"{"):
        assert outcome.reason == Reason.OUTCOME_UNKNOWN
    assert isinstance(outcome, expected)


async def test_before_the_message_itself_there_is_nothing_to_look_up():
    made = world(route({})).system
    told = event("message.send", ONE_TEXT)
    assert await made.prepare_look_up(told, Attempt(1, "m", NOW, "i"), Unknown("x", "y")) is None
    status = event("message.status")
    assert await made.prepare_look_up(status, Attempt(1, "m", NOW, "i"), Unknown("x", "y")) is None


OPENING = {("GET", "/messages/4711024/open"): answer(opened(blob()))}


async def test_an_opened_messages_files_go_to_the_store():
    made = world(route(OPENING), host=route({("GET", LINK): Answer(200, {}, CONTENT)}))
    walked = await walk(made.system, event("message.open"))
    assert walked.steps == ["open", "file-1", "read"]
    (file,) = walked.outcome.data["fields"][1]["files"]
    assert (file["verified"], file["file"]["size"], file["file"]["mediaType"]) == (
        True,
        len(CONTENT),
        "application/xml",
    )
    assert made.store.files[file["file"]["id"]][1] == CONTENT
    (request,) = made.files.requests
    assert "authorization" not in request.headers


async def test_the_token_goes_to_the_files_host_only_where_the_settings_say_so():
    made = world(
        route(OPENING), host=route({("GET", LINK): Answer(200, {}, CONTENT)}), files={"send_token": True}
    )
    await walk(made.system, event("message.open"))
    assert made.files.requests[0].headers["authorization"] == "Bearer token of one"


async def test_a_message_without_files_is_opened_in_one_step():
    made = world(route({("GET", "/messages/4711024/open"): answer(opened())}))
    walked = await walk(made.system, event("message.open"))
    assert (walked.steps, walked.outcome.data["messageId"]) == (["open"], 4711024)


async def test_without_a_store_the_message_is_opened_and_its_files_are_named():
    made = world(route(OPENING), with_store=False)
    walked = await walk(made.system, event("message.open"))
    assert walked.steps == ["open"]
    assert "file" not in walked.outcome.data["fields"][1]["files"][0]


async def test_an_expired_link_is_asked_for_anew():
    expired = Answer(400, {"content-type": "text/plain"}, b"expired")
    made = world(route(OPENING), host=route({("GET", LINK): [expired, Answer(200, {}, CONTENT)]}))
    walked = await walk(made.system, event("message.open"))
    assert walked.steps == ["open", "file-1", "open", "file-1", "read"]
    assert isinstance(walked.outcome, Accepted)


async def test_links_that_are_always_refused_end_in_a_block():
    made = world(route(OPENING), host=route({("GET", LINK): Answer(403, {}, b"")}))
    walked = await walk(made.system, event("message.open"))
    assert (walked.steps.count("open"), type(walked.outcome)) == (6, Blocked)


async def test_a_link_to_another_host_is_not_followed():
    stray = answer(opened(blob(downloadLink="https://10.0.0.1/message?t=secret")))
    made = world(route({("GET", "/messages/4711024/open"): stray}))
    walked = await walk(made.system, event("message.open"))
    assert (type(walked.outcome), walked.outcome.reason) == (Blocked, Reason.CONFIGURATION)
    assert made.files.requests == []


async def test_a_file_that_arrives_damaged_is_not_kept():
    made = world(route(OPENING), host=route({("GET", LINK): Answer(200, {}, CONTENT + b"!")}))
    with pytest.raises(DeliveryError) as failed:
        await walk(made.system, event("message.open"))
    assert failed.value.sent
    assert made.store.files == {}


async def test_a_malicious_file_stays_where_it_is():
    made = world(route({("GET", "/messages/4711024/open"): answer(opened(blob(isMalicious=True)))}))
    walked = await walk(made.system, event("message.open"))
    assert walked.outcome.data["fields"][1]["files"][0]["isMalicious"] is True
    assert made.files.requests == []


async def test_no_link_is_kept_in_the_evidence_and_the_journals_copy_opens_again():
    made = world(route(OPENING), host=route({("GET", LINK): Answer(200, {}, CONTENT)}))
    told = event("message.open")
    message = await made.system.prepare(told, Attempt(1, "m", NOW, "i"))
    answered = await made.system.exchange(message, SendGuard(lambda: True))
    assert b"secret" not in answered.evidence
    assert b"secret" in answered.body
    outcome = made.system.interpret(told, as_kept(message), answered.kept())
    assert isinstance(outcome, Advanced)
    assert made.system.step(told, outcome.progress).name == "open"


async def test_what_was_opened_is_handed_to_who_recognises_it():
    seen = []
    notice = Notice("key", "eforms.request.received.v1", {})

    def recognise(message):
        seen.append(message)
        return notice

    made = world(route(OPENING), host=route({("GET", LINK): Answer(200, {}, CONTENT)}), recognise=recognise)
    walked = await walk(made.system, event("message.open"))
    assert walked.outcome.notices == (notice,)
    (message,) = seen
    assert (message.message_id, message.rnu, message.template_id, message.sender_id) == (
        4711024,
        "rnu-1",
        1,
        204153,
    )
    assert message.fields == {TEXT_FIELD: "Измислен пример"}
    (file,) = message.files
    assert (file.field_id, file.name, file.content) == (FILES_FIELD, "искане.xml", CONTENT)
    assert file.reference.size == len(CONTENT)


async def test_a_forwarded_message_is_opened_within_its_own():
    inner = answer(opened(message_id=4711000))
    made = world(route({("GET", "/messages/4711024/open-forwarded/4711000"): inner}))
    walked = await walk(
        made.system, event("message.open", {"messageId": 4711024, "forwardedMessageId": 4711000})
    )
    assert walked.outcome.data["messageId"] == 4711000


async def test_another_message_than_the_one_that_was_asked_for_is_no_answer():
    made = world(route({("GET", "/messages/4711024/open"): answer(opened(message_id=1))}))
    assert isinstance((await walk(made.system, event("message.open"))).outcome, Unknown)


async def test_a_second_registration_is_confirmed_by_the_profiles_of_the_number():
    refusal = problem(400, errors={"Identifier": ["Can not duplicate individuals"]})
    persons = {"profileId": 204153, "identifier": "7223154154", "targetGroupId": 1, "isPassive": True}
    table = {
        ("POST", "/profiles/passive-individual"): refusal,
        ("GET", "/profiles/check?identifier=7223154154"): answer(
            page(persons, {**persons, "profileId": 7, "targetGroupId": 2})
        ),
    }
    made = world(route(table))
    told = event("profile.register-passive")
    walked = await walk(made.system, told)
    assert isinstance(walked.outcome, AlreadyExists)
    look_up = await made.system.prepare_look_up(told, Attempt(2, "m", NOW, "i"), walked.outcome)
    shown = await made.system.exchange(look_up, SendGuard(lambda: True))
    outcome = made.system.settle(told, walked.outcome, look_up, shown)
    assert outcome == Accepted({"profileId": 204153, "alreadyExists": True}, reference="204153")
    nobody = made.system.settle(told, walked.outcome, look_up, answer(page()))
    assert (type(nobody), nobody.reason) == (Unknown, Reason.OUTCOME_UNKNOWN)


async def test_a_refused_token_is_dropped():
    made = world(route({("GET", "/messages/4711023/view"): Answer(401, {}, b"")}))
    walked = await walk(made.system, event("message.status"))
    assert (type(walked.outcome), walked.outcome.reauthorize) == (Retry, True)
    await made.system.reauthorize(walked.messages[-1])
    assert made.esb.dropped == [walked.messages[-1]]


async def test_close_releases_both_clients():
    made = world(route({}))
    await made.system.close()
    assert (made.gateway.closed, made.files.closed) == (True, True)


STEPS = {
    "message.send": [{}, {"begun": NOW.isoformat(), "template": "[]"}],
    "message.open": [{}, {"files": "[]", "opened": "1"}],
}


@given(st.data())
@hypothesis_settings(deadline=None, max_examples=200)
def test_whatever_the_gateway_answers_nothing_raises_and_no_success_is_invented(data):
    name = data.draw(st.sampled_from([one.value for one in Name]))
    told = event(name, ONE_TEXT if name == "message.send" else None)
    made = world(route({})).system
    progress = data.draw(st.sampled_from(STEPS.get(name, [{}])))
    message = replace(_message(told), progress=progress)
    body = data.draw(st.binary() | _json())
    answered = Answer(data.draw(st.integers(0, 999)), {}, body, data.draw(st.booleans()))
    outcome = made.interpret(told, message, answered)
    assert isinstance(outcome, Accepted | Advanced | AlreadyExists | Rejected | Retry | Unknown | Blocked)
    if isinstance(outcome, Accepted | Advanced) and outcome != Accepted({"found": False}):
        assert 200 <= answered.status < 300
        assert not answered.truncated


@given(st.data())
@hypothesis_settings(deadline=None, max_examples=100)
def test_whatever_a_look_up_answers_nothing_raises(data):
    told = event("message.send", ONE_TEXT)
    made = world(route({})).system
    body = data.draw(st.binary() | _json() | _combined())
    found = Unknown(Reason.ANSWER_TIMEOUT, "no answer")
    answered = Answer(data.draw(st.sampled_from([200, 400, 404, 500])), {}, body)
    outcome = made.settle(told, found, _message(told), answered)
    assert isinstance(outcome, Accepted | NotArrived | Rejected | Retry | Unknown | Blocked)
    assert not isinstance(outcome, Accepted | NotArrived) or answered.status == 200


def _message(told):
    from worker.systems.port import Prepared

    return Prepared(told.operation, told.signer, "m", "i", "https://esb.test", b"", {}, {})


MEMBERS = st.sampled_from(
    (
        "result",
        "length",
        "messageId",
        "recipients",
        "profileId",
        "fields",
        "content",
        "templateId",
        "title",
        "errors",
    )
)


def _json():
    values = st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just(4711023) | st.just(1),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(MEMBERS, inner, max_size=5),
        max_leaves=20,
    )
    return values.map(lambda one: json.dumps(one).encode())


def _combined():
    entries = st.lists(
        st.sampled_from([listed(), listed(1), listed(rnu=None), {}, sent(), sent(1)]), max_size=3
    )
    made = st.fixed_dictionaries({"result": entries, "views": entries, "complete": st.booleans()})
    return made.map(lambda one: json.dumps(one).encode())


@given(st.data())
@hypothesis_settings(deadline=None, max_examples=60)
def test_every_event_that_passes_its_contract_becomes_a_message(data):
    import asyncio

    event_type = data.draw(st.sampled_from(TYPES))
    told = replace(data.draw(submissions(event_type)), rnu="rnu-1")
    if getattr(told.data, "on_behalf_of", None) is not None:
        told = replace(told, data=told.data.model_copy(update={"on_behalf_of": "branch"}))
    made = world(route({}))
    message = asyncio.run(made.system.prepare(told, Attempt(1, "m", NOW, "i")))
    assert message.url.startswith(API)
    assert message.secret_headers == {"authorization": "Bearer token of one"}
