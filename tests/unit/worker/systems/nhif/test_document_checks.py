"""Checks of documents: what takes long is done in a thread, and what takes too long is refused."""

from __future__ import annotations

import threading

import pytest

from contracts.problems import Problem
from contracts.reasons import Reason
from worker.json_schema import FEW_STEPS, JsonSchema
from worker.systems.nhif.catalogue import schemas
from worker.systems.nhif.catalogue.schemas import JsonDocuments
from worker.systems.nhif.document_checks import DocumentChecks
from worker.systems.port import Refused


class Watched(JsonDocuments):
    """Notes in which threads it checks."""

    def __init__(self, schema):
        super().__init__(JsonSchema(schema))
        self.threads = []

    def _problems(self, document, steps):
        self.threads.append(threading.current_thread())
        return super()._problems(document, steps)


@pytest.fixture
def checks():
    made = DocumentChecks()
    yield made
    made.close()


async def test_a_small_document_is_checked_at_once(checks):
    schema = Watched({"items": {"type": "integer"}})
    await checks.check(schema, [1])
    with pytest.raises(Refused) as refusal:
        await checks.check(schema, ["x"])
    assert refusal.value.reason is Reason.SCHEMA_VIOLATION
    assert refusal.value.problems[0].path == "$.data.json[0]"
    assert set(schema.threads) == {threading.current_thread()}


async def test_a_large_one_is_checked_in_a_thread(checks):
    schema = Watched({"items": {"type": "integer"}})
    await checks.check(schema, [1] * FEW_STEPS)
    with pytest.raises(Refused) as refusal:
        await checks.check(schema, [*[1] * FEW_STEPS, "x"])
    assert refusal.value.problems[0].path == f"$.data.json[{FEW_STEPS}]"
    assert [one is threading.current_thread() for one in schema.threads] == [True, False, True, False]


async def test_what_takes_too_many_steps_is_refused_with_what_to_do(checks, monkeypatch):
    monkeypatch.setattr(schemas, "MOST_STEPS", 2 * FEW_STEPS)
    with pytest.raises(Refused) as refusal:
        await checks.check(Watched({"items": {"type": "integer"}}), [1] * 2 * FEW_STEPS)
    (problem,) = refusal.value.problems
    assert (refusal.value.reason, problem.path) == (Reason.SCHEMA_VIOLATION, "$.data.json")
    assert isinstance(problem, Problem)
    assert problem.message.startswith("Shorten the document, or divide it")
