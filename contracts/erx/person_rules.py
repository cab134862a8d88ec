"""Rules of a whole patient. Pure; they read the raw data and yield its problems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.bulgarian_person import agreement_rules, number_rules
from contracts.erx.rules import Rule
from contracts.problems import problem
from contracts.raw import day

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from contracts.problems import Problem


def patient_rules(data: object, today: date) -> Iterator[Problem]:
    """Check a whole patient."""
    yield from number_rules(data)
    yield from agreement_rules(data)
    born = day(data, "patient", "birthDate")
    if born and born > today:
        yield problem(Rule.NOT_IN_FUTURE, "Correct the date: it lies ahead.", "patient", "birthDate")
