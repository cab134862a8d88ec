"""Rules of the eRx events that span fields. Pure; they read the raw data and yield its problems."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from contracts.bulgarian_person import agreement_rules, number_rules
from contracts.erx.prescription import MOST_LINES
from contracts.erx.requests import WAYS
from contracts.fields import moment_of
from contracts.problems import problem
from contracts.raw_data import day, node, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from contracts.problems import Problem

_NHIF = frozenset("NABC")


class Rule(StrEnum):
    """The name of a rule; each problem of an event carries one."""

    # Nothing that was written lies ahead; "today" is the day in Sofia.
    NOT_IN_FUTURE = "not-in-future"
    DATE_ORDER = "date-order"
    # The document applies one id to all lines (appendix 1), or gives each its own (the example): nothing in between,
    # which would be two lines that the register takes for one.
    DISTINCT_LINES = "distinct-lines"
    # Two lines cannot stand on one row of the form.
    DISTINCT_PARTS = "distinct-parts"
    # What the NHIF pays for has a code of its positive list (the newer text).
    NHIF_MEDICATION = "nhif-medication"
    # A search says what it looks for.
    SOME_WAY = "some-way"


def issue_rules(data: object, today: date) -> Iterator[Problem]:
    """Check all that spans fields of `erx.prescription.issue.v1`."""
    lines = _lines(data)
    yield from _patient_rules(data, today)
    if not _share_one_id(lines):
        message = "Give each line an id of its own, or all lines one id."
        yield from _distinct(lines, "internalId", Rule.DISTINCT_LINES, message)
    yield from _distinct(lines, "bookletPart", Rule.DISTINCT_PARTS, "Give each line a row of its own.")
    yield from _medication_rules(data, lines)
    yield from _time_rules(data, today)


def search_rules(data: object, today: date) -> Iterator[Problem]:  # noqa: ARG001 - all rules have one form
    """Check that a search says what it looks for, and the patient's number."""
    if isinstance(data, dict) and all(node(data, way) is None for way in WAYS):
        yield problem(Rule.SOME_WAY, f"Give at least one of {', '.join(WAYS)}.")
    yield from number_rules(data)


def no_rules(data: object, today: date) -> Iterator[Problem]:  # noqa: ARG001 - all rules have one form
    """Check nothing: the fields are independent."""
    yield from ()


def _patient_rules(data: object, today: date) -> Iterator[Problem]:
    """Check a whole patient."""
    yield from number_rules(data)
    yield from agreement_rules(data)
    born = day(data, "patient", "birthDate")
    if born and born > today:
        yield problem(Rule.NOT_IN_FUTURE, "Correct the date: it lies ahead.", "patient", "birthDate")


def _lines(data: object) -> Sequence[object]:
    lines = node(data, "lines")
    return lines if isinstance(lines, list) and len(lines) <= MOST_LINES else ()


def _share_one_id(lines: Sequence[object]) -> bool:
    """Whether all lines have the prescription's single id."""
    return len({text(line, "internalId") for line in lines}) == 1


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
