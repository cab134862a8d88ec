"""Opening messages step by step, and fetching their files into the store."""

from __future__ import annotations

import pytest

from contracts.edelivery.examples import FILES_FIELD, TEXT_FIELD
from contracts.reasons import Reason
from tests.support.systems.edelivery.answers import (
    CONTENT,
    LINK,
    answer,
    blob,
    opened,
)
from tests.support.systems.edelivery.making import NOW, as_kept, event, route, walk, world
from worker.notice import Notice
from worker.outcome import (
    Accepted,
    Advanced,
    Blocked,
    Unknown,
)
from worker.systems.port import Attempt
from worker.transport.port import Answer, DeliveryError, SendGuard

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


async def test_files_have_a_signed_address_where_the_settings_sign_any_and_only_in_what_is_published():
    seen = []
    made = world(
        route(OPENING),
        host=route({("GET", LINK): Answer(200, {}, CONTENT)}),
        recognise=seen.append,
        address_of=lambda file_id: f"https://herald.test/files/{file_id}?signature=secret",
    )
    walked = await walk(made.system, event("message.open"))
    (file,) = walked.outcome.data["fields"][1]["files"]
    address = f"https://herald.test/files/{file['file']['id']}?signature=secret"
    assert file["file"]["url"] == address
    assert [one.files[0].reference.url for one in seen] == [address]
    assert "signature" not in str(walked.progress)


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


async def test_the_evidence_of_a_fetched_file_does_not_have_its_link_nor_does_the_progress_afterwards():
    made = world(route(OPENING), host=route({("GET", LINK): Answer(200, {}, CONTENT)}))
    walked = await walk(made.system, event("message.open"))
    fetching = walked.messages[1]
    assert (fetching.step, fetching.url) == ("file-1", LINK)
    assert fetching.evidence_url == "https://hidden.invalid/"
    assert "secret" not in str(walked.progress)


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


async def test_many_xml_files_leave_a_small_progress_and_all_go_to_the_store():
    content = b"<" * 1024 * 1024
    blobs = [
        blob(number, content, f"{number}.xml", downloadLink=f"{LINK}&n={number}") for number in range(1, 41)
    ]
    seen = []
    made = world(
        route({("GET", "/messages/4711024/open"): answer(opened(*blobs))}),
        host=lambda _: Answer(200, {}, content),
        recognise=seen.append,
    )
    walked = await walk(made.system, event("message.open"), most=50)
    assert isinstance(walked.outcome, Accepted)
    assert sum(len(one) for one in walked.progress.values()) < 4 * 1024 * 1024
    assert len(made.store.files) == 40
    assert [one.content is not None for one in seen[0].files] == [True] * 2 + [False] * 38


async def test_no_more_files_are_fetched_than_the_settings_say_and_the_reply_names_the_others():
    blobs = [blob(number, downloadLink=f"{LINK}&n={number}") for number in (1, 2, 3)]
    made = world(
        route({("GET", "/messages/4711024/open"): answer(opened(*blobs))}),
        host=lambda _: Answer(200, {}, CONTENT),
        files={"most_fetched": 2},
    )
    walked = await walk(made.system, event("message.open"))
    assert walked.steps == ["open", "file-1", "file-2", "read"]
    files = walked.outcome.data["fields"][1]["files"]
    assert [(one["blobId"], "file" in one) for one in files] == [(1, True), (2, True), (3, False)]
