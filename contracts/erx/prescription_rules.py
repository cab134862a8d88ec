"""Rules of a prescription: its lines among each other, its dates. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.erx.fields import moment_of
from contracts.erx.person_rules import patient_rules
from contracts.erx.prescription import MOST_LINES
from contracts.erx.rules import Rule
from contracts.problems import problem
from contracts.raw import node, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from contracts.problems import Problem

_NHIF = frozenset("NABC")


def issue_rules(data: object, today: date) -> Iterator[Problem]:
    """Check all that spans fields of `erx.prescription.issue.v1`."""
    lines = _lines(data)
    yield from patient_rules(data, today)
    yield from _distinct(lines, "internalId", Rule.DISTINCT_LINES, "Give each line an id of its own.")
    yield from _distinct(lines, "bookletPart", Rule.DISTINCT_PARTS, "Give each line a row of its own.")
    yield from _medication_rules(data, lines)
    yield from _time_rules(data, today)


def _lines(data: object) -> Sequence[object]:
    lines = node(data, "lines")
    return lines if isinstance(lines, list) and len(lines) <= MOST_LINES else ()


def _distinct(lines: Sequence[object], name: str, rule: Rule, message: str) -> Iterator[Problem]:
    seen = set()
    for index, line in enumerate(lines):
        value = text(line, name)
        if value in seen:
            yield problem(rule, message, "lines", f"[{index}]", name)
        if value is not None:
            seen.add(value)


def _medication_rules(data: object, lines: Sequence[object]) -> Iterator[Problem]:
    if text(data, "category") not in _NHIF:
        return
    for index, line in enumerate(lines):
        if text(line, "medication", "list") == "sathealth":
            message = "Give a code of the NHIF's list: this category is paid by the NHIF."
            yield problem(Rule.NHIF_MEDICATION, message, "lines", f"[{index}]", "medication", "list")


def _time_rules(data: object, today: date) -> Iterator[Problem]:
    authored = moment_of(node(data, "authoredOn"))
    # The day in UTC is never ahead of the day in Sofia.
    if authored and authored.date() > today:
        yield problem(Rule.NOT_IN_FUTURE, "Correct the date: it lies ahead.", "authoredOn")
    start, end = (moment_of(node(data, "encounter", name)) for name in ("start", "end"))
    if start and end and end < start:
        yield problem(Rule.DATE_ORDER, "Correct the time: it lies before start.", "encounter", "end")
