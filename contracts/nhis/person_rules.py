"""Rules within a patient and within a performer. Pure; each reads the raw data and yields its problems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts import bulgaria
from contracts.bulgarian_person import agreement_rules, number_rules
from contracts.nhis.rules import Rule
from contracts.problems import problem
from contracts.raw import day, node, text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from contracts.problems import Problem

_EARLIEST_BIRTH_YEAR = 1800
_REGIONS = range(1, 29)
_DEPUTISING = frozenset({"deputy", "hired"})


def patient_rules(data: object, today: date) -> Iterator[Problem]:
    """Check a whole patient."""
    yield from number_rules(data)
    yield from agreement_rules(data)
    yield from _birth_rules(data, today)
    yield from _address_rules(data)


def performer_rules(data: object) -> Iterator[Problem]:
    """Check role and deputy (CDX05) and the practice's region (RL005)."""
    role, deputy = text(data, "performer", "role"), node(data, "performer", "deputyUin")
    path = ("performer", "deputyUin")
    if role in _DEPUTISING and deputy is None:
        yield problem(Rule.DEPUTY, "Give the UIN of the deputy or hired doctor: the role asks for it.", *path)
    if role == "titular" and deputy is not None:
        yield problem(Rule.DEPUTY, "Leave it out, or correct the role: a titular has no deputy.", *path)
    practice = text(data, "performer", "practiceNumber")
    if practice and bulgaria.is_ten_digits(practice) and int(practice[:2]) not in _REGIONS:
        message = "Correct the number: its first two digits are a region from 01 to 28."
        yield problem(Rule.PRACTICE_REGION, message, "performer", "practiceNumber")


def _birth_rules(data: object, today: date) -> Iterator[Problem]:
    born = day(data, "patient", "birthDate")
    if born and born > today:
        yield problem(Rule.NOT_IN_FUTURE, "Correct the date: it lies ahead.", "patient", "birthDate")
    if born and born.year < _EARLIEST_BIRTH_YEAR:
        message = "Correct the date: years before 1800 are taken for mistakes."
        yield problem(Rule.PLAUSIBLE_DATE, message, "patient", "birthDate")


def _address_rules(data: object) -> Iterator[Problem]:
    country = text(data, "patient", "address", "country")
    if country is None:
        return
    for field in ("county", "ekatte"):
        given = node(data, "patient", "address", field) is not None
        path = ("patient", "address", field)
        if country == "BG" and not given:
            message = "Give it: an address in Bulgaria needs county and EKATTE."
            yield problem(Rule.ADDRESS_BG, message, *path)
        if country != "BG" and given:
            message = "Leave it out: only an address in Bulgaria has county and EKATTE."
            yield problem(Rule.ADDRESS_ABROAD, message, *path)
