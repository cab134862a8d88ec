"""Whatever is answered: nothing raises, and success is never invented."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from contracts.reasons import Reason
from contracts.registry import EVENT_TYPES
from tests.support.contract_events import submissions
from tests.support.systems.edelivery.answers import (
    listed,
    sent,
    template,
)
from tests.support.systems.edelivery.making import API, NOW, ONE_TEXT, event, route, world
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
from worker.systems.edelivery.settings import Name
from worker.systems.port import Attempt, Prepared
from worker.transport.port import Answer

TYPES = [one for one in EVENT_TYPES if one.startswith("edelivery.")]


MADE = world(route({}))

STEPS = {
    "message.send": [{}, {"begun": NOW.isoformat(), "template": "[]"}],
    "message.open": [{}, {"files": "[]", "opened": "1"}],
}


@given(st.data())
@hypothesis_settings(deadline=None, max_examples=200)
def test_whatever_the_gateway_answers_nothing_raises_and_no_success_is_invented(data):
    name = data.draw(st.sampled_from([one.value for one in Name]))
    told = event(name, ONE_TEXT if name == "message.send" else None)
    made = MADE.system
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
    made = MADE.system
    body = data.draw(st.binary() | _json() | _combined())
    found = Unknown(Reason.ANSWER_TIMEOUT, "no answer")
    answered = Answer(data.draw(st.sampled_from([200, 400, 404, 500])), {}, body)
    progress = {"begun": "2026-02-27T23:30:00+00:00", "template": json.dumps(template()["content"])}
    look_up = replace(_message(told), progress=progress)
    outcome = made.settle(told, found, look_up, answered)
    assert isinstance(outcome, Accepted | NotArrived | Rejected | Retry | Unknown | Blocked)
    assert not isinstance(outcome, Accepted | NotArrived) or answered.status == 200


def _message(told):
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
    flags = {"complete": st.booleans(), "covers_today": st.booleans()}
    made = st.fixed_dictionaries({"result": entries, "views": entries, **flags})
    return made.map(lambda one: json.dumps(one).encode())


@given(st.data())
@hypothesis_settings(deadline=None, max_examples=60)
def test_every_event_that_passes_its_contract_becomes_a_message(data):
    event_type = data.draw(st.sampled_from(TYPES))
    told = replace(data.draw(submissions(event_type)), rnu="rnu-1")
    if getattr(told.data, "on_behalf_of", None) is not None:
        told = replace(told, data=told.data.model_copy(update={"on_behalf_of": "branch"}))
    message = asyncio.run(MADE.system.prepare(told, Attempt(1, "m", NOW, "i")))
    assert message.url.startswith(API)
    assert message.secret_headers == {"authorization": "Bearer token of one"}
