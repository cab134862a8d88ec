"""The System port as a whole, with fakes at the ports of the ESB, the HTTP clients and the file store."""

from __future__ import annotations

from contracts.reasons import Reason
from contracts.registry import EVENT_TYPES
from tests.support.systems.edelivery.answers import (
    answer,
    page,
    problem,
)
from tests.support.systems.edelivery.making import NOW, ONE_TEXT, event, route, walk, world
from worker.outcome import (
    Accepted,
    AlreadyExists,
    Retry,
    Unknown,
)
from worker.systems.calls import ReceivesCalls
from worker.systems.news import LooksForNews
from worker.systems.port import Attempt, LogsIn, Recovery
from worker.systems.steps import HasSteps
from worker.transport.port import Answer, SendGuard

TYPES = [one for one in EVENT_TYPES if one.startswith("edelivery.")]


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
