"""The event of RegiX: its operations differ, its way of asking does not."""

from __future__ import annotations

from contracts.event_contract import EventContract
from contracts.regix import examples
from contracts.regix.requests import RequestReport, StatedReport
from contracts.regix.results import ReportAnswer
from contracts.regix.rules import request_rules

EVENTS: tuple[EventContract, ...] = (
    EventContract(
        system="regix",
        operation="report.request",
        title="Ask a register for a report",
        description=(
            "One operation of RegiX V2, at once or asynchronously: the population register (ГРАО), НЗОК, НЕЛК, НОИ, "
            "НСЦРЛП and all others. RegiX logs each request. An operation that writes is never sent twice."
        ),
        model=RequestReport,
        rules=request_rules,
        example=examples.REQUEST,
        result=ReportAnswer,
        answers_later=True,
        answered=examples.ANSWERED,
        body=examples.BODY,
        stated=StatedReport,
    ),
)
