"""Comparing the answers with the expected ones; each system's own ledger is compared by its scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts.counted import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from demo.steps import Answer, Results, Step


def mismatches(results: Results, attempts: Mapping[str, int]) -> list[str]:
    """Return every difference, one sentence each; none means that all is as expected.

    `attempts` is the journal's count by submission id. No sentence identifies a patient by more than the number of a
    record.
    """
    return [
        *(f"{step.id}: {line}" for step in results.steps for line in _step(step, results, attempts)),
        *_nobodys(results),
    ]


def _step(step: Step, results: Results, attempts: Mapping[str, int]) -> Iterable[str]:
    answers, expected = results.answers[step.id], step.expected
    if len(answers) != step.answers:
        yield f"{counted(len(answers), 'reply', 'replies')}, expected {step.answers}"
    if len({answer.raw for answer in answers}) > 1:
        yield "its replies differ"
    if answers:
        yield from _answer(step, answers[0])
    reasons = sorted(headers.get("herald-reason", "") for headers in results.dead_letters[step.id])
    if reasons != sorted(expected.dead_letters):
        yield f"dead letters {_listed(reasons)}, expected {_listed(expected.dead_letters)}"
    tries = attempts.get(step.id, 0)
    if tries < expected.least_attempts:
        yield f"{counted(tries, 'attempt')}, expected at least {expected.least_attempts}"


def _answer(step: Step, answer: Answer) -> Iterable[str]:
    expected = step.expected
    if step.numbered and answer.rnu is None:
        yield "the reply has no reference number"
    if not step.numbered and answer.rnu != step.rnu:
        yield f"the reply's reference number is {answer.rnu}, the event's {step.rnu}"
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


def _nobodys(results: Results) -> Iterable[str]:
    known = {step.id for step in results.steps}
    kinds: tuple[tuple[str, Mapping[str, Sequence[object]]], ...] = (
        ("reply", results.answers),
        ("dead letter", results.dead_letters),
        ("notification", results.notifications),
    )
    for what, by_id in kinds:
        for name, came in by_id.items():
            if came and name not in known:
                yield f"a {what} to {name or 'nothing that it names'}, which was not published"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
