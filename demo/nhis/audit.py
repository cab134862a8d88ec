"""Holding the replies against NHIS's own ledger."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any

from demo.acts import ACCEPTED, HELD
from demo.nhis.records import CANCEL, REACTION, REGISTER, nrn_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from demo.nhis.cast import PatientAct
    from demo.played import Played

EGN = "1"
"""CL004: what kind of number a patient's is."""
CANCELLED = "2"
"""CL039: the status of a cancelled immunization."""


def differences(acts: Sequence[PatientAct], played: Played, ledger: Mapping[str, Any]) -> Iterable[str]:
    """Yield every difference, one sentence each."""
    yield from _registrations(acts, played, ledger["registrations"])
    yield from _cancellations(acts, played, ledger["registrations"])
    yield from _reactions(acts, played, ledger["reactions"])
    yield from _order(ledger["registrations"])


def _accepted(acts: Sequence[PatientAct], played: Played, operation: str) -> list[tuple[PatientAct, str]]:
    """Return what was accepted of an operation, with the NRN that the reply states."""
    answered = [(act, played.answer(act)) for act in acts if act.operation == operation]
    return [(act, nrn_of(answer) or "") for act, answer in answered if answer and answer.kind == ACCEPTED]


def _registrations(acts: Sequence[PatientAct], played: Played, lines: list[dict[str, Any]]) -> Iterable[str]:
    by_nrn = {line["nrn"]: line for line in lines}
    told = _accepted(acts, played, REGISTER)
    for act, nrn in told:
        if nrn not in by_nrn:
            yield f"{act.id}: accepted as {nrn or 'nothing'}, which NHIS has not registered"
        elif _registered(by_nrn[nrn]) != _asked(act):
            yield f"{act.id}: what NHIS registered as {nrn} is another dose, doctor or patient"
    for nrn, line in by_nrn.items():
        if nrn not in {one for _, one in told}:
            yield f"NHIS has registered {nrn} (dose {line['doseNumber']}), which no reply names"
    for nrn, times in Counter(nrn for _, nrn in told).items():
        if times > 1:
            yield f"{times} submissions were accepted as {nrn}"
    for lrn, times in Counter((line["uin"], line["lrn"]) for line in lines).items():
        if times > 1:
            yield f"NHIS has registered the LRN {lrn[1]} {times} times"


def _registered(line: Mapping[str, Any]) -> tuple[object, ...]:
    return line["patient"], line["vaccineCode"], line["doseNumber"], line["uin"]


def _asked(act: PatientAct) -> tuple[object, ...]:
    patient = hashlib.sha256(f"{EGN}:{act.patient.egn}".encode()).hexdigest()
    wanted = act.data["immunization"]
    return patient, wanted["vaccineCode"], wanted["doseNumber"], act.doctor.uin


def _cancellations(acts: Sequence[PatientAct], played: Played, lines: list[dict[str, Any]]) -> Iterable[str]:
    told = {nrn for _, nrn in _accepted(acts, played, CANCEL)}
    done = {line["nrn"] for line in lines if line["status"] == CANCELLED}
    for nrn in sorted(told - done):
        yield f"the cancellation of {nrn} was accepted, but NHIS has not cancelled it"
    for nrn in sorted(done - told):
        yield f"NHIS has cancelled {nrn}, which no reply says"


def _reactions(acts: Sequence[PatientAct], played: Played, lines: list[dict[str, Any]]) -> Iterable[str]:
    has = Counter(line["nrn"] for line in lines)
    told = Counter(nrn for _, nrn in _accepted(acts, played, REACTION))
    doubtful = Counter(
        act.data["nrn"]
        for act in acts
        if act.operation == REACTION and (answer := played.answer(act)) and answer.kind == HELD
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
