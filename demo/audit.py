"""Holding what was answered against what was expected; each system's own ledger is its production's matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from demo.acts import Act
    from demo.played import Answer, Played


def mismatches(played: Played, attempts: Mapping[str, int]) -> list[str]:
    """Return every difference, one sentence each; none is a good morning.

    `attempts` is the journal's count by submission id. No sentence says more of a patient than a number of a
    record does.
    """
    return [
        *(f"{act.id}: {line}" for act in played.acts for line in _act(act, played, attempts)),
        *_nobodys(played),
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
        yield f"the system's errors name {_listed(named)}, expected {expected.names}"
    found = answer.result.get("found")
    if expected.found is not None and found != expected.found:
        yield f"{found} found, expected {expected.found}"


def _names(error: Mapping[str, Any]) -> set[str]:
    return {*error["description"], error["type"] or "", error["faultyAttribute"] or ""} - {""}


def _nobodys(played: Played) -> Iterable[str]:
    known = {act.id for act in played.acts}
    for what, by_id in (("reply", played.answers), ("dead letter", played.dead_letters)):
        for name, came in by_id.items():
            if came and name not in known:
                yield f"a {what} to {name or 'nothing that it names'}, which was not published"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
