"""Rules of search, certificate, adverse reaction and cancellation. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.bulgarian_person import number_rules
from contracts.nhis.rules import Rule
from contracts.problems import problem
from contracts.raw import day, node

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from contracts.problems import Problem


def search_rules(data: object, today: date) -> Iterator[Problem]:
    """Check that a search goes exactly one way (CDX10), and its dates."""
    yield from _one_way(data, "nrn", "lrn", "patient")
    yield from number_rules(data)
    yield from _search_dates(data)
    yield from _not_ahead(data, today, "fromDate")
    yield from _in_order(data, ("fromDate",), ("toDate",))


def certificate_rules(data: object, today: date) -> Iterator[Problem]:  # noqa: ARG001 - all rules have one form
    """Check that a certificate is asked for in exactly one way."""
    yield from _one_way(data, "nrn", "certificateNumber", "patient")
    yield from number_rules(data)


def reaction_rules(data: object, today: date) -> Iterator[Problem]:
    """Check the dates of an adverse reaction."""
    yield from _not_ahead(data, today, "reaction", "startDate")
    yield from _not_ahead(data, today, "reaction", "endDate")
    yield from _in_order(data, ("reaction", "startDate"), ("reaction", "endDate"))


def cancel_rules(data: object, today: date) -> Iterator[Problem]:  # noqa: ARG001 - all rules have one form
    """Check nothing: the two fields of a cancellation are independent."""
    yield from ()


def _one_way(data: object, *ways: str) -> Iterator[Problem]:
    given = [way for way in ways if node(data, way) is not None]
    if isinstance(data, dict) and len(given) != 1:
        yield problem(Rule.ONE_WAY, f"Give exactly one of {', '.join(ways)}.")


def _search_dates(data: object) -> Iterator[Problem]:
    if node(data, "patient") is not None:
        if node(data, "fromDate") is None:
            message = "Give the first day: a search by patient needs it."
            yield problem(Rule.DATES_WITH_PATIENT, message, "fromDate")
        return
    for field in ("fromDate", "toDate"):
        if node(data, field) is not None:
            message = "Leave it out: dates belong to a search by patient."
            yield problem(Rule.DATES_WITH_PATIENT, message, field)


def _not_ahead(data: object, today: date, *path: str) -> Iterator[Problem]:
    given = day(data, *path)
    if given and given > today:
        yield problem(Rule.NOT_IN_FUTURE, "Correct the date: it lies ahead.", *path)


def _in_order(data: object, first: tuple[str, ...], last: tuple[str, ...]) -> Iterator[Problem]:
    start, end = day(data, *first), day(data, *last)
    if start and end and end < start:
        message = f"Correct the date: it lies before {first[-1]}."
        yield problem(Rule.DATE_ORDER, message, *last)
