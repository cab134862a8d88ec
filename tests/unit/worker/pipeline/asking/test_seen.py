"""What operators see of asks: warnings, counts, traces and lines of the log."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from contracts.reasons import Reason
from tests.support.fakes.later import later
from tests.support.fakes.one_delivery import SUBMISSION
from tests.support.fakes.one_worker import ASKING
from tests.support.fakes.ports import Reaction, unknown
from tests.support.fakes.spans import Spans
from tests.unit.worker.pipeline.asking.test_asker import ACCEPTED, look, taken
from worker.observability.logs import FIELDS, _context
from worker.observability.metrics.labels import AskOutcome, Outcome
from worker.outcome import NotArrived
from worker.pipeline.asking.record import FAILURES
from worker.pipeline.meter import Unmetered


async def test_asks_that_fail_in_a_row_are_told_until_one_goes_well() -> None:
    patient = ASKING.model_copy(update={"give_up_after": 3600})
    worker = await taken(*[unknown()] * FAILURES, later(), asking=patient)
    assert worker.asker is not None
    for _ in range(FAILURES):
        assert worker.asker.record.failing is None
        await look(worker, 60)
    assert worker.asker.record.failing is not None
    await look(worker, 60)
    assert worker.asker.record.failing is None


class Counts(Unmetered):
    """Keeps what was counted."""

    def __init__(self) -> None:
        self.asks: list[str] = []
        self.ends: list[tuple[str, int]] = []

    def asked(self, operation: str, outcome: AskOutcome) -> None:
        self.asks.append(outcome.value)

    def ended(self, operation: str | None, outcome: Outcome, record_ms: int, *, replay: bool) -> None:
        self.ends.append((outcome.value, record_ms))


async def test_every_ask_and_both_ends_are_counted() -> None:
    meter = Counts()
    worker = await taken(later(), unknown(), ACCEPTED, told=(False, True), meter=meter)
    for _ in range(4):
        await look(worker, 60)
    assert meter.asks == ["not-ready", "trouble", "answered", "not-acknowledged", "acknowledged"]
    assert meter.ends == [("waiting", 0), ("accepted", -1)]


@pytest.mark.parametrize(
    ("asks", "end"), [((later(),) * 20, "overdue"), ((NotArrived(Reason.NOT_FOUND, "gone"),), "lost")]
)
async def test_what_ends_without_an_answer_is_counted_as_such(asks: tuple[Reaction, ...], end: str) -> None:
    meter = Counts()
    worker = await taken(*asks, meter=meter)
    for _ in range(10):
        await look(worker, 60)
    assert meter.asks[-1] == end
    assert meter.ends[-1] == ("held", -1)


async def test_an_ask_has_a_trace_of_its_own_beneath_the_submissions() -> None:
    tracer, parent = Spans(), f"00-{'b' * 32}-{'c' * 16}-01"
    named = replace(SUBMISSION, traceparent=parent)
    worker = await taken(later(), ACCEPTED, told=(True,), read=named, tracer=tracer)
    await look(worker, 60)
    await look(worker, 60)
    assert tracer.parents == [parent] * 3
    first, second = [one for one in tracer.spans if one.name == "ask scripted"]
    names = [[one.name for one in tracer.spans if one.parent is root] for root in (first, second)]
    assert "ask" in names[0]
    assert {"ask", "reply", "acknowledge"} <= set(names[1])
    assert [one.name for one in tracer.spans if not one.ended] == []


@pytest.mark.parametrize("tracer", [None, Spans()], ids=["traces off", "traces on"])
async def test_lines_of_an_ask_name_the_submission_and_its_trace(
    tracer: Spans | None, caplog: pytest.LogCaptureFixture
) -> None:
    named = replace(SUBMISSION, traceparent=f"00-{'b' * 32}-{'c' * 16}-01")
    worker = await taken(unknown(), read=named, tracer=tracer)
    told: list[dict[str, object]] = []
    logger = logging.getLogger("worker.pipeline.asking.one_answer")

    def keep(record: logging.LogRecord) -> bool:
        told.append({**_context.get(), "asks": record.asks, "reason": record.reason})  # type: ignore[attr-defined]
        return True

    logger.addFilter(keep)
    try:
        await look(worker, 60)
    finally:
        logger.removeFilter(keep)
    (line,) = told
    assert line == {
        "system": "scripted",
        "submission_id": SUBMISSION.id,
        "submission_source": SUBMISSION.source,
        "trace_id": ("a" if tracer else "b") * 32,
        "asks": 1,
        "reason": "answer-timeout",
    }
    assert set(line) <= FIELDS
    assert "secret-1" not in caplog.text
