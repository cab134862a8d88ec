"""An answer of megabytes is read beside the event loop: the submissions of other patients go on."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime

import pytest

from tests.support.contract_events import submission
from tests.support.fakes.scripted_client import ScriptedClient
from tests.support.systems.nhis.answers import ScriptedClients, challenge, leaf, leaves, message, token
from worker.outcome import Accepted
from worker.pipeline.contained import ContainedSystem
from worker.systems.nhis.build import request_schemas
from worker.systems.nhis.operations import exchanges
from worker.systems.nhis.settings import NhisSettings
from worker.systems.nhis.system import NhisSystem
from worker.systems.port import Attempt
from worker.transport.port import Answer

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SEARCH = "nhis.immunization.search.v1"
ENTRY = (
    "<nhis:results><nhis:immunization>"
    + leaves(
        nrnImmunization="26001A2B3C4D",
        status="1",
        occurrence="2026-01-02",
        vaccineCode="2998",
        doseNumber="1",
    )
    + "</nhis:immunization><nhis:subject>"
    + leaves(identifierType="1", identifier="8621011000", birthDate="1886-01-01", gender="1")
    + "<nhis:name>"
    + leaves(given="Измислен", family="Пациентов")
    + "</nhis:name></nhis:subject></nhis:results>"
)


@pytest.fixture
def system(settings, key):
    return NhisSystem(
        settings,
        schemas=request_schemas(NhisSettings(), [one.request for one in exchanges(NhisSettings()).values()]),
        keys={"one": key},
        clients=ScriptedClients(ScriptedClient([]), ScriptedClient([challenge(), token("token-1")])),
        code_lists={},
        now=lambda: NOW,
        monotonic=lambda: 0.0,
    )


def found(message_id: str, entries: int) -> Answer:
    body = message("I004", leaf("foundNumber", str(entries)) + ENTRY * entries, message_id=message_id)
    return Answer(200, {"content-type": "application/xml"}, body)


async def test_small_answers_are_read_while_a_large_one_is(system):
    contained, search = ContainedSystem(system), submission(SEARCH)
    prepared = await contained.prepare(search, Attempt(1, str(uuid.UUID(int=1, version=4)), NOW, "lrn"))
    small, large = (found(prepared.message_id, entries) for entries in (1, 13_000))
    assert len(large.body) > 6_000_000
    ended: list[int] = []

    async def read(answer: Answer) -> None:
        outcome = await contained.interpret(search, prepared, answer)
        assert isinstance(outcome, Accepted)
        ended.append(outcome.data["found"])

    reading = asyncio.create_task(read(large))
    for _ in range(10):
        await asyncio.sleep(0)  # the large one has begun, and its thread runs
        await read(small)
    assert not reading.done()
    await reading
    assert ended == [1] * 10 + [13_000]
