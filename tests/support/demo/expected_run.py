"""The NHIS scenario as it goes when all is well, in memory: steps, answers, and a ledger that agrees with them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from demo.nhis.people import Doctor, People
from demo.nhis.phases import phases
from demo.nhis.records import CANCEL, CERTIFICATE, REACTION, REGISTER, SEARCH
from demo.people import patients
from demo.steps import ACCEPTED, HELD, REJECTED, Answer, Results, Step

PEOPLE = People(
    patients(),
    (Doctor("dr-a", "2300000011"), Doctor("dr-b", "2300000022"), Doctor("dr-c", "2300000033")),
    date(2025, 3, 14),
)


@dataclass
class ExpectedRun:
    """What `mismatches` compares; tests change it and see whether that is found."""

    results: Results
    ledger: dict[str, Any]
    attempts: dict[str, int]


def expected_run() -> ExpectedRun:
    """Run every phase as expected."""
    good = ExpectedRun(Results(), {"registrations": [], "reactions": [], "cancellations": []}, {})
    for one in phases(PEOPLE):
        for step in one.steps(good.results):
            _answer_as_expected(good, step)
    return good


def _answer_as_expected(good: ExpectedRun, step: Step) -> None:
    good.results.steps.append(step)
    data = {} if step.expected.kind != ACCEPTED else _accepted(good, step)
    if step.operation == REACTION and step.expected.kind == HELD:
        good.ledger["reactions"].append({"nrn": step.data["nrn"]})
    good.results.answers[step.id] = [answer(step, data)] * step.answers
    good.results.dead_letters[step.id] = [
        {"herald-reason": reason, "herald-dead-letter-id": f"id-of-{step.id}"}
        for reason in step.expected.dead_letters
    ]
    good.attempts[step.id] = step.expected.least_attempts


def answer(step: Step, data: dict[str, Any], kind: str | None = None) -> Answer:
    """Return a reply as expected of an step, or of another kind."""
    kind = kind or step.expected.kind
    document: dict[str, Any] = {"data": data} if kind == ACCEPTED else {"code": step.expected.code or kind}
    if kind == REJECTED:
        stated = {
            "type": "E002",
            "reason": "Не може.",
            "description": [],
            "faultyAttribute": step.expected.names,
        }
        document["errors"] = [stated]
    return Answer(kind, document, json.dumps(document).encode())


def _accepted(good: ExpectedRun, step: Step) -> dict[str, Any]:
    if step.operation == SEARCH:
        return {"found": step.expected.found, "results": []}
    if step.operation == CERTIFICATE:
        return {"content": "AA==", "bytes": 1}
    if step.operation == REGISTER:
        return _register(good, step)
    if step.operation == CANCEL:
        line = next(one for one in good.ledger["registrations"] if one["nrn"] == step.data["nrn"])
        line["status"] = "2"
    if step.operation == REACTION:
        good.ledger["reactions"].append({"nrn": step.data["nrn"]})
    return {"nrn": step.data["nrn"]}


def _register(good: ExpectedRun, step: Step) -> dict[str, Any]:
    lines = good.ledger["registrations"]
    wanted = step.data["immunization"]
    nrn = f"25073B{len(lines):06}"
    lines.append(
        {
            "seq": len(lines) + 1,
            "patient": hashlib.sha256(f"1:{step.patient.egn}".encode()).hexdigest(),
            "lrn": f"lrn-of-{step.id}",
            "nrn": nrn,
            "uin": step.doctor.uin,
            "vaccineCode": wanted["vaccineCode"],
            "doseNumber": wanted["doseNumber"],
            "status": "1",
        }
    )
    return {"nrn": nrn, "lrn": f"lrn-of-{step.id}"}
