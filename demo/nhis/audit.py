"""Comparing the replies with NHIS's own ledger."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any

from contracts.counted import counted
from demo.nhis.records import CANCEL, REACTION, REGISTER, nrn_of
from demo.steps import ACCEPTED, HELD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from demo.nhis.people import PatientStep
    from demo.steps import Results

EGN = "1"
"""CL004: what kind of number a patient's is."""
CANCELLED = "2"
"""CL039: the status of a cancelled immunization."""


def differences(steps: Sequence[PatientStep], results: Results, ledger: Mapping[str, Any]) -> Iterable[str]:
    """Yield every difference, one sentence each."""
    yield from _registrations(steps, results, ledger["registrations"])
    yield from _cancellations(steps, results, ledger["registrations"])
    yield from _reactions(steps, results, ledger["reactions"])
    yield from _order(ledger["registrations"])


def _accepted(
    steps: Sequence[PatientStep], results: Results, operation: str
) -> list[tuple[PatientStep, str]]:
    """Return what was accepted of an operation, with the NRN that the reply states."""
    answered = [(step, results.answer(step)) for step in steps if step.operation == operation]
    return [(step, nrn_of(answer) or "") for step, answer in answered if answer and answer.kind == ACCEPTED]


def _registrations(
    steps: Sequence[PatientStep], results: Results, lines: list[dict[str, Any]]
) -> Iterable[str]:
    by_nrn = {line["nrn"]: line for line in lines}
    told = _accepted(steps, results, REGISTER)
    for step, nrn in told:
        if nrn not in by_nrn:
            yield f"{step.id}: accepted as {nrn or 'nothing'}, which NHIS has not registered"
        elif _registered(by_nrn[nrn]) != _asked(step):
            yield f"{step.id}: what NHIS registered as {nrn} is another dose, doctor or patient"
    for nrn, line in by_nrn.items():
        if nrn not in {one for _, one in told}:
            yield f"NHIS has registered {nrn} (dose {line['doseNumber']}), which no reply names"
    for nrn, times in Counter(nrn for _, nrn in told).items():
        if times > 1:
            yield f"{times} submissions were accepted as {nrn}"
    for lrn, times in Counter((line["uin"], line["lrn"]) for line in lines).items():
        if times > 1:
            yield f"NHIS has registered the LRN {lrn[1]} {counted(times, 'time')}"


def _registered(line: Mapping[str, Any]) -> tuple[object, ...]:
    return line["patient"], line["vaccineCode"], line["doseNumber"], line["uin"]


def _asked(step: PatientStep) -> tuple[object, ...]:
    patient = hashlib.sha256(f"{EGN}:{step.patient.egn}".encode()).hexdigest()
    wanted = step.data["immunization"]
    return patient, wanted["vaccineCode"], wanted["doseNumber"], step.doctor.uin


def _cancellations(
    steps: Sequence[PatientStep], results: Results, lines: list[dict[str, Any]]
) -> Iterable[str]:
    told = {nrn for _, nrn in _accepted(steps, results, CANCEL)}
    done = {line["nrn"] for line in lines if line["status"] == CANCELLED}
    for nrn in sorted(told - done):
        yield f"the cancellation of {nrn} was accepted, but NHIS has not cancelled it"
    for nrn in sorted(done - told):
        yield f"NHIS has cancelled {nrn}, which no reply says"


def _reactions(steps: Sequence[PatientStep], results: Results, lines: list[dict[str, Any]]) -> Iterable[str]:
    has = Counter(line["nrn"] for line in lines)
    told = Counter(nrn for _, nrn in _accepted(steps, results, REACTION))
    doubtful = Counter(
        step.data["nrn"]
        for step in steps
        if step.operation == REACTION and (answer := results.answer(step)) and answer.kind == HELD
    )
    for nrn in sorted(told.keys() | has.keys()):
        least, most = told[nrn], told[nrn] + doubtful[nrn]
        if not least <= has[nrn] <= most:
            yield f"adverse reactions to {nrn}: NHIS has {has[nrn]}, the replies say {least} to {most}"


def _order(lines: list[dict[str, Any]]) -> Iterable[str]:
    seen: dict[tuple[str, str], int] = {}
    for line in sorted(lines, key=lambda one: int(one["seq"])):
        course = (line["patient"], line["vaccineCode"])
        if line["doseNumber"] <= seen.get(course, 0):
            yield f"order: {line['nrn']}, dose {line['doseNumber']}, came after dose {seen[course]} of its course"
        seen[course] = line["doseNumber"]
