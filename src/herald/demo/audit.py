"""Holding what was answered against what was expected and against NHIS's own ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from herald.demo.acts import ACCEPTED, HELD
from herald.demo.morning import CANCEL, REACTION, REGISTER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from herald.demo.acts import Act
    from herald.demo.play import Played


def mismatches(played: Played, ledger: dict[str, Any], attempts: dict[str, int]) -> list[str]:
    """Return every difference; an empty list is a good morning."""
    return [
        *(line for act in played.acts for line in _act(act, played, attempts)),
        *_registrations(played, ledger),
        *_cancellations(played, ledger),
        *_reactions(played, ledger),
        *_order(ledger),
    ]


def _act(act: Act, played: Played, attempts: dict[str, int]) -> Iterable[str]:
    answers, expected = played.answers[act.id], act.expected
    if len(answers) != act.answers:
        yield f"{act.id}: {len(answers)} replies, expected {act.answers}"
    if len({answer.raw for answer in answers}) > 1:
        yield f"{act.id}: replies differ"
    for answer in answers[:1]:
        if answer.kind != expected.kind:
            yield f"{act.id}: {answer.kind}, expected {expected.kind}"
        if expected.code is not None and answer.data.get("code") != expected.code:
            yield f"{act.id}: code {answer.data.get('code')}, expected {expected.code}"
    reasons = tuple(headers.get("herald-reason", "") for headers in played.dead_letters[act.id])
    if reasons != expected.dead_letters:
        yield f"{act.id}: dead letters {reasons}, expected {expected.dead_letters}"
    if attempts.get(act.id, 0) < expected.least_attempts:
        yield f"{act.id}: {attempts.get(act.id, 0)} attempts, expected at least {expected.least_attempts}"


def _accepted(played: Played, operation: str) -> dict[str, str | None]:
    """Return submission id to NRN for what was accepted of an operation."""
    return {
        act.id: played.answers[act.id][0].nrn
        for act in played.acts
        if act.operation == operation
        and played.answers[act.id]
        and played.answers[act.id][0].kind == ACCEPTED
    }


def _registrations(played: Played, ledger: dict[str, Any]) -> Iterable[str]:
    told = sorted(str(nrn) for nrn in _accepted(played, REGISTER).values())
    held = sorted(line["nrn"] for line in ledger["registrations"])
    if told != held:
        yield f"registrations: replies name {len(told)}, NHIS has {len(held)}, or they differ"
    lrns = [line["lrn"] for line in ledger["registrations"]]
    if len(set(lrns)) != len(lrns):
        yield "registrations: an LRN was registered twice"


def _cancellations(played: Played, ledger: dict[str, Any]) -> Iterable[str]:
    told = set(_accepted(played, CANCEL).values())
    done = {line["nrn"] for line in ledger["registrations"] if line["status"] == "2"}
    if told != done:
        yield f"cancellations: replies name {len(told)}, NHIS has {len(done)}, or they differ"


def _reactions(played: Played, ledger: dict[str, Any]) -> Iterable[str]:
    told = len(_accepted(played, REACTION))
    doubtful = sum(
        act.operation == REACTION and act.expected.kind == HELD and bool(played.answers[act.id])
        for act in played.acts
    )
    registered = len(ledger["reactions"])
    if not told <= registered <= told + doubtful:
        yield f"adverse reactions: {told} accepted and {doubtful} held, NHIS has {registered}"


def _order(ledger: dict[str, Any]) -> Iterable[str]:
    seen: dict[tuple[str, str], int] = {}
    for line in sorted(ledger["registrations"], key=lambda one: one["seq"]):
        course = (line["patient"], line["vaccineCode"])
        if line["doseNumber"] < seen.get(course, 0):
            yield f"order: dose {line['doseNumber']} of a course came after a later one"
        seen[course] = line["doseNumber"]
