"""A morning of the demo as it goes when all is well, on paper: acts, answers, and a ledger that agrees with them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from demo.acts import ACCEPTED, HELD, REJECTED, Act
from demo.nhis.cast import Cast, Doctor
from demo.nhis.morning import morning
from demo.nhis.records import CANCEL, CERTIFICATE, REACTION, REGISTER, SEARCH
from demo.people import patients
from demo.played import Answer, Played

CAST = Cast(
    patients(),
    (Doctor("dr-a", "2300000011"), Doctor("dr-b", "2300000022"), Doctor("dr-c", "2300000033")),
    date(2025, 3, 14),
)


@dataclass
class GoodMorning:
    """What `mismatches` compares; tests change it and see whether that is found."""

    played: Played
    ledger: dict[str, Any]
    attempts: dict[str, int]


def good_morning() -> GoodMorning:
    """Play every round as expected."""
    good = GoodMorning(Played(), {"registrations": [], "reactions": [], "cancellations": []}, {})
    for one in morning(CAST):
        for act in one.acts(good.played):
            _perform(good, act)
    return good


def _perform(good: GoodMorning, act: Act) -> None:
    good.played.acts.append(act)
    data = {} if act.expected.kind != ACCEPTED else _accepted(good, act)
    if act.operation == REACTION and act.expected.kind == HELD:
        good.ledger["reactions"].append({"nrn": act.data["nrn"]})
    good.played.answers[act.id] = [answer(act, data)] * act.answers
    good.played.dead_letters[act.id] = [
        {"herald-reason": reason, "herald-dead-letter-id": f"id-of-{act.id}"}
        for reason in act.expected.dead_letters
    ]
    good.attempts[act.id] = act.expected.least_attempts


def answer(act: Act, data: dict[str, Any], kind: str | None = None) -> Answer:
    """Return a reply as expected of an act, or of another kind."""
    kind = kind or act.expected.kind
    document: dict[str, Any] = {"data": data} if kind == ACCEPTED else {"code": act.expected.code or kind}
    if kind == REJECTED:
        stated = {
            "type": "E002",
            "reason": "Не може.",
            "description": [],
            "faultyAttribute": act.expected.names,
        }
        document["errors"] = [stated]
    return Answer(kind, document, json.dumps(document).encode())


def _accepted(good: GoodMorning, act: Act) -> dict[str, Any]:
    if act.operation == SEARCH:
        return {"found": act.expected.found, "results": []}
    if act.operation == CERTIFICATE:
        return {"content": "AA==", "bytes": 1}
    if act.operation == REGISTER:
        return _register(good, act)
    if act.operation == CANCEL:
        line = next(one for one in good.ledger["registrations"] if one["nrn"] == act.data["nrn"])
        line["status"] = "2"
    if act.operation == REACTION:
        good.ledger["reactions"].append({"nrn": act.data["nrn"]})
    return {"nrn": act.data["nrn"]}


def _register(good: GoodMorning, act: Act) -> dict[str, Any]:
    lines = good.ledger["registrations"]
    wanted = act.data["immunization"]
    nrn = f"25073B{len(lines):06}"
    lines.append(
        {
            "seq": len(lines) + 1,
            "patient": hashlib.sha256(f"1:{act.patient.egn}".encode()).hexdigest(),
            "lrn": f"lrn-of-{act.id}",
            "nrn": nrn,
            "uin": act.doctor.uin,
            "vaccineCode": wanted["vaccineCode"],
            "doseNumber": wanted["doseNumber"],
            "status": "1",
        }
    )
    return {"nrn": nrn, "lrn": f"lrn-of-{act.id}"}
