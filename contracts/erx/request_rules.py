"""Rules of searches, and of the requests whose fields are independent. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.bulgarian_person import number_rules
from contracts.erx.requests import WAYS
from contracts.erx.rules import Rule
from contracts.problems import problem
from contracts.raw import node

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from contracts.problems import Problem


def search_rules(data: object, today: date) -> Iterator[Problem]:  # noqa: ARG001 - all rules have one form
    """Check that a search says what it looks for, and the patient's number."""
    if isinstance(data, dict) and all(node(data, way) is None for way in WAYS):
        yield problem(Rule.SOME_WAY, f"Give at least one of {', '.join(WAYS)}.")
    yield from number_rules(data)


def no_rules(data: object, today: date) -> Iterator[Problem]:  # noqa: ARG001 - all rules have one form
    """Check nothing: the fields are independent."""
    yield from ()
