"""Rules of one registered immunization: its dates, its previous dose, its series. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.nhis.person_rules import patient_rules, performer_rules
from contracts.nhis.rules import Rule
from contracts.problems import problem
from contracts.raw import day, node, whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from contracts.problems import Problem

# A pack whose expiry lies further from the dose than this is a mistyped year. An expired pack is not: it was
# given, and has to be registered.
_EXPIRY_YEARS = 10


def register_rules(data: object, today: date) -> Iterator[Problem]:
    """Check all that spans fields of `nhis.immunization.register.v1`."""
    yield from patient_rules(data, today)
    yield from performer_rules(data)
    yield from _occurrence_rules(data, today, "immunization", "occurrence")
    yield from _occurrence_rules(data, today, "immunization", "externalPrevious", "occurrence")
    yield from _previous_rules(data)
    yield from _later_dates(data)
    yield from _series_rules(data)


def _occurrence_rules(data: object, today: date, *path: str) -> Iterator[Problem]:
    given, born = day(data, *path), day(data, "patient", "birthDate")
    if given and given > today:
        yield problem(Rule.NOT_IN_FUTURE, "Correct the date: it lies ahead.", *path)
    if given and born and given < born:
        yield problem(Rule.NOT_BEFORE_BIRTH, "Correct the date: it lies before the patient's birth.", *path)


def _previous_rules(data: object) -> Iterator[Problem]:
    path = ("immunization", "externalPrevious")
    outside = node(data, *path) is not None
    if outside and node(data, "immunization", "previousNrn") is not None:
        message = "Give either previousNrn or externalPrevious: the previous dose is one or the other."
        yield problem(Rule.ONE_PREVIOUS, message, *path)
    given, before = day(data, "immunization", "occurrence"), day(data, *path, "occurrence")
    if given and before and before > given:
        message = "Correct the date: the previous dose lies after this one."
        yield problem(Rule.DATE_ORDER, message, *path, "occurrence")


def _later_dates(data: object) -> Iterator[Problem]:
    given = day(data, "immunization", "occurrence")
    if given is None:
        return
    following, expiry = day(data, "immunization", "nextDoseDate"), day(data, "immunization", "expirationDate")
    if following and following <= given:
        message = "Correct the date: the next dose comes after this one."
        yield problem(Rule.DATE_ORDER, message, "immunization", "nextDoseDate")
    if expiry and abs(expiry.year - given.year) > _EXPIRY_YEARS:
        message = f"Correct the year: it is more than {_EXPIRY_YEARS} years from the occurrence."
        yield problem(Rule.PLAUSIBLE_DATE, message, "immunization", "expirationDate")


def _series_rules(data: object) -> Iterator[Problem]:
    number, doses = whole(data, "immunization", "doseNumber"), whole(data, "immunization", "seriesDoses")
    if number is not None and doses is not None and number > doses:
        message = "Correct doseNumber or seriesDoses: the series has fewer doses."
        yield problem(Rule.DOSE_IN_SERIES, message, "immunization", "doseNumber")
