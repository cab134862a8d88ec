"""Holding what was answered against what was expected, and against NHIS's own ledger."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any

from herald.demo.acts import ACCEPTED, CANCEL, HELD, REACTION, REGISTER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from herald.demo.acts import Act
    from herald.demo.played import Answer, Played

EGN = "1"
"""CL004: what kind of number a patient's is."""
CANCELLED = "2"
"""CL039: the status of a cancelled immunization."""


def mismatches(played: Played, ledger: Mapping[str, Any], attempts: Mapping[str, int]) -> list[str]:
    """Return every difference, one sentence each; none is a good morning.

    `attempts` is the journal's count by submission id. No sentence says more of a patient than a number of a
    record does.
    """
    return [
        *(f"{act.id}: {line}" for act in played.acts for line in _act(act, played, attempts)),
        *_nobodys(played),
        *_registrations(played, ledger["registrations"]),
        *_cancellations(played, ledger["registrations"]),
        *_reactions(played, ledger["reactions"]),
        *_order(ledger["registrations"]),
    ]


def _act(act: Act, played: Played, attempts: Mapping[str, int]) -> Iterable[str]:
    answers, expected = played.answers[act.id], act.expected
    if len(answers) != act.answers:
        yield f"{len(answers)} replies, expected {act.answers}"
    if len({answer.raw for answer in answers}) > 1:
        yield "its replies differ"
    if answers:
        yield from _answer(act, answers[0])
    reasons = sorted(headers.get("herald-reason", "") for headers in played.dead_letters[act.id])
    if reasons != sorted(expected.dead_letters):
        yield f"dead letters {_listed(reasons)}, expected {_listed(expected.dead_letters)}"
    tries = attempts.get(act.id, 0)
    if tries < expected.least_attempts:
        yield f"{tries} attempts, expected at least {expected.least_attempts}"


def _answer(act: Act, answer: Answer) -> Iterable[str]:
    expected = act.expected
    if answer.kind != expected.kind:
        yield f"{answer.kind}, expected {expected.kind}"
        return
    if expected.code is not None and answer.data.get("code") != expected.code:
        yield f"code {answer.data.get('code')}, expected {expected.code}"
    named = {name for error in answer.data.get("errors", ()) for name in _names(error)}
    if expected.names is not None and expected.names not in named:
        yield f"NHIS's errors name {_listed(named)}, expected {expected.names}"
    found = answer.data.get("data", {}).get("found")
    if expected.found is not None and found != expected.found:
        yield f"{found} found, expected {expected.found}"


def _names(error: Mapping[str, Any]) -> set[str]:
    return {*error["description"], error["faultyAttribute"] or ""} - {""}


def _nobodys(played: Played) -> Iterable[str]:
    known = {act.id for act in played.acts}
    for what, by_id in (("reply", played.answers), ("dead letter", played.dead_letters)):
        for name, came in by_id.items():
            if came and name not in known:
                yield f"a {what} to {name or 'nothing that it names'}, which was not published"


def _accepted(played: Played, operation: str) -> list[tuple[Act, str]]:
    """Return what was accepted of an operation, with the NRN that the reply states."""
    answered = [(act, played.answer(act)) for act in played.acts if act.operation == operation]
    return [(act, answer.nrn or "") for act, answer in answered if answer and answer.kind == ACCEPTED]


def _registrations(played: Played, lines: list[dict[str, Any]]) -> Iterable[str]:
    by_nrn = {line["nrn"]: line for line in lines}
    told = _accepted(played, REGISTER)
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


def _asked(act: Act) -> tuple[object, ...]:
    patient = hashlib.sha256(f"{EGN}:{act.patient.egn}".encode()).hexdigest()
    wanted = act.data["immunization"]
    return patient, wanted["vaccineCode"], wanted["doseNumber"], act.doctor.uin


def _cancellations(played: Played, lines: list[dict[str, Any]]) -> Iterable[str]:
    told = {nrn for _, nrn in _accepted(played, CANCEL)}
    done = {line["nrn"] for line in lines if line["status"] == CANCELLED}
    for nrn in sorted(told - done):
        yield f"the cancellation of {nrn} was accepted, but NHIS has not cancelled it"
    for nrn in sorted(done - told):
        yield f"NHIS has cancelled {nrn}, which no reply says"


def _reactions(played: Played, lines: list[dict[str, Any]]) -> Iterable[str]:
    has = Counter(line["nrn"] for line in lines)
    told = Counter(nrn for _, nrn in _accepted(played, REACTION))
    doubtful = Counter(
        act.data["nrn"]
        for act in played.acts
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


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
