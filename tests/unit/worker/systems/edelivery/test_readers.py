"""What the answers to questions state: one row an operation, and what is no answer to it."""

from __future__ import annotations

import json

import pytest

from contracts.edelivery.examples import TEXT_FIELD
from contracts.reasons import Reason
from contracts.registry import EVENT_TYPES
from tests.support.systems.edelivery.answers import answer, arrived, listed, page, problem, sent, template
from tests.support.systems.edelivery.making import event, route, walk, world
from worker.outcome import Accepted, Blocked, Rejected, Unknown
from worker.transport.port import Answer

PERSON = {"profileId": 204153, "identifier": "7223154154", "name": "Радка", "email": "a@b", "phone": "1"}
ANSWERS = {
    "profile.search": (PERSON, {"found": True, "profile": PERSON}),
    "profile.check": (page({**PERSON, "isPassive": None}), {"total": 1, "profiles": [PERSON]}),
    "profile.read": ({**PERSON, "address": None}, {"found": True, "profile": PERSON}),
    "profile.register-passive": (204153, {"profileId": 204153}),
    "template.list": (
        [{"templateId": 1, "name": "Писмо"}],
        {"templates": [{"templateId": 1, "name": "Писмо"}]},
    ),
    "inbox.list": (page(arrived(1), total=7), None),
    "outbox.list": (page(listed(1)), None),
    "template.read": (template(), None),
    "message.view": (sent(), None),
    "message.status": (sent(), None),
}


async def outcome_of(name, answered):
    made = world(lambda _: answered)
    return (await walk(made.system, event(name))).outcome


@pytest.mark.parametrize("name", ANSWERS)
async def test_an_answer_becomes_the_data_of_its_contract(name):
    document, expected = ANSWERS[name]
    outcome = await outcome_of(name, answer(document))
    assert isinstance(outcome, Accepted)
    EVENT_TYPES[f"edelivery.{name}.v1"].result.model_validate(outcome.data, by_alias=True, by_name=False)
    if expected is not None:
        assert outcome.data == expected


@pytest.mark.parametrize("name", ["profile.search", "profile.read"])
async def test_a_profile_that_does_not_exist_is_an_answer(name):
    assert await outcome_of(name, problem(404)) == Accepted({"found": False})


@pytest.mark.parametrize("name", ["template.read", "message.view", "message.status"])
async def test_what_does_not_exist_is_the_systems_refusal(name):
    outcome = await outcome_of(name, problem(404))
    assert (type(outcome), outcome.errors[0].type) == (Rejected, "404")


@pytest.mark.parametrize("body", [b"", b"<html>404</html>", b'{"httpCode":"404"}', b'{"status":404}'])
@pytest.mark.parametrize("name", ["profile.search", "template.read", "inbox.list"])
async def test_a_gateway_that_knows_no_such_address_is_an_operators_matter(name, body):
    outcome = await outcome_of(name, Answer(404, {}, body))
    assert (type(outcome), outcome.reason) == (Blocked, Reason.NOT_FOUND)


async def test_a_recipient_without_a_time_of_receipt_has_not_received_it_yet():
    recipients = [
        {"profileId": 1, "name": "А", "dateReceived": "2026-03-01T12:00:00"},
        {"profileId": 2, "name": "Б", "dateReceived": None},
        {"profileId": 3, "name": "В"},
    ]
    outcome = await outcome_of("message.status", answer(sent() | {"recipients": recipients}))
    assert [one["status"] for one in outcome.data["recipients"]] == ["received", "not-yet", "not-yet"]


WRONG = {
    "another-profile": ("profile.read", {**PERSON, "profileId": 1}),
    "another-number": ("profile.search", {**PERSON, "identifier": "1"}),
    "profile-without-id": ("profile.search", {"name": "Радка"}),
    "another-template": ("template.read", template(template_id=2)),
    "template-without-fields": ("template.read", {"templateId": 1}),
    "another-message": ("message.view", sent(1)),
    "message-without-recipients": ("message.status", {"messageId": 4711023}),
    "list-of-texts": ("inbox.list", {"result": ["1"], "length": 1}),
    "entry-without-id": ("outbox.list", page({"subject": "A"})),
    "id-as-text": ("profile.register-passive", "204153"),
    "id-as-truth": ("profile.register-passive", True),
    "templates-as-object": ("template.list", {"result": []}),
    "field-without-type": ("template.read", {"templateId": 1, "content": [{"id": TEXT_FIELD}]}),
}


@pytest.mark.parametrize("case", WRONG)
async def test_an_answer_about_something_else_states_nothing(case):
    name, document = WRONG[case]
    outcome = await outcome_of(name, answer(document))
    assert (type(outcome), outcome.reason) == (Unknown, Reason.UNEXPECTED_MESSAGE)


async def test_lists_are_asked_for_by_whole_days():
    made = world(route({("GET", "/messages/inbox"): answer(page())}))
    data = {"sentFrom": "2026-02-27", "sentTo": "2026-02-28", "templateId": 7, "offset": 20, "limit": 10}
    await walk(made.system, event("inbox.list", data))
    assert made.gateway.requests[0].url.partition("?")[2] == (
        "from=2026-02-27&to=2026-03-01&templateId=7&offset=20&limit=10"
    )


async def test_a_registration_is_sent_as_the_system_takes_it():
    made = world(route({("POST", "/profiles/passive-individual"): answer(204153)}))
    walked = await walk(made.system, event("profile.register-passive"))
    assert json.loads(walked.messages[0].request)["middleName"] == "Примерова"
    assert walked.outcome.reference == "204153"
