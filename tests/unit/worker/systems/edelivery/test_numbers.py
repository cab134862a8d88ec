"""Messages whose reference number is drawn from the central generator: one number, from its first use to the end."""

from __future__ import annotations

import json

import pytest

from contracts.edelivery.examples import TEXT_FIELD
from tests.support.systems.edelivery.answers import answer, template
from tests.support.systems.edelivery.making import event, walk, world
from worker.outcome import Accepted
from worker.systems.esb.settings import OrnSettings
from worker.systems.port import DrawsNumbers

ORN = OrnSettings(bulstat="000000000", type_service="1-1", uri_service="1")
DATA = {
    "recipients": [204153],
    "subject": "Епикриза, прием 000123",
    "templateId": 1,
    "fields": [{"id": TEXT_FIELD, "text": "Измислен пример"}],
}


class Gateway:
    """Gives a new number each time, and takes every message."""

    def __init__(self):
        self.numbers = 0
        self.sent = []

    def __call__(self, request):
        if "/orn/" in request.url:
            self.numbers += 1
            return answer({"return_code": "200", "orn": f"BGEM{self.numbers}"})
        if request.url.endswith("/templates/1"):
            return answer(template())
        self.sent.append(json.loads(request.content))
        return answer(4711023)


async def test_the_number_is_drawn_before_the_message_and_sent_with_it():
    gateway = Gateway()
    made = world(gateway, orn=ORN).system
    walked = await walk(made, event("message.send", DATA, rnu=None))
    assert walked.steps == ["number", "template", "send"]
    assert walked.outcome == Accepted({"messageId": 4711023, "rnu": "BGEM1"}, reference="4711023")
    assert ([one["rnu"] for one in gateway.sent], gateway.numbers) == (["BGEM1"], 1)


async def test_an_event_with_a_number_keeps_it():
    gateway = Gateway()
    walked = await walk(world(gateway, orn=ORN).system, event("message.send", DATA, rnu="given"))
    assert walked.steps == ["template", "send"]
    assert gateway.sent[0]["rnu"] == "given"


@pytest.mark.parametrize(("orn", "draws"), [(None, False), (ORN, True)])
def test_it_says_whether_it_draws(orn, draws):
    made = world(Gateway(), orn=orn).system
    assert isinstance(made, DrawsNumbers)
    assert made.draws_numbers is draws
