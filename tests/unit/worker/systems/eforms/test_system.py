"""eForms behind the System port: what its two operations share."""

from __future__ import annotations

from copy import deepcopy

import pytest

from contracts.eforms.examples import RESPONSE as EXAMPLE
from contracts.reasons import Reason
from tests.support.systems.eforms.hospital import (
    CASES,
    RESPONSE,
    SEND,
    TELL,
    FakeEsb,
    attempt,
    event,
)
from worker.systems.port import Refused


@pytest.mark.parametrize(("operation", "section"), [(SEND, "response"), (TELL, "case_messages")])
async def test_without_its_section_an_operation_is_refused(make, operation, section):
    system = make().system

    for call in (system.check(event(operation)), system.prepare(event(operation), attempt())):
        with pytest.raises(Refused) as refused:
            await call
        assert refused.value.reason is Reason.CONFIGURATION
        assert f"systems.eforms.{section}" in refused.value.problems[0].message


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
