"""Rules within a patient and within a performer. Pure; each reads the raw data and yields its problems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from herald.contracts import bulgaria
from herald.contracts.nhis.rules import Rule, problem
from herald.contracts.raw import day, node, text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from herald.contracts.problems import Problem

_EARLIEST_BIRTH_YEAR = 1800
_REGIONS = range(1, 29)
_DEPUTISING = frozenset({"deputy", "hired"})


def reference_rules(data: object) -> Iterator[Problem]:
    """Check the patient's number by itself."""
    number, kind = text(data, "patient", "identifier"), text(data, "patient", "identifierType")
    if number is None:
        return
    if kind == "egn":
        yield from _egn_rules(number)
    if kind == "lnch":
        yield from _lnch_rules(number)


def patient_rules(data: object, today: date) -> Iterator[Problem]:
    """Check a whole patient."""
    yield from reference_rules(data)
    yield from _egn_agreement(data)
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


def _egn_rules(egn: str) -> Iterator[Problem]:
    path = ("patient", "identifier")
    if not bulgaria.is_ten_digits(egn):
        yield problem(Rule.EGN_FORM, "Give the EGN as ten digits, or another identifierType.", *path)
        return
    if not bulgaria.egn_check_digit_is_right(egn):
        yield problem(Rule.EGN_CHECK_DIGIT, "Correct the EGN: its check digit does not fit.", *path)
    if bulgaria.egn_birth_date(egn) is None:
        message = "Correct the EGN: its first six digits are no birth date."
        yield problem(Rule.EGN_FORM, message, *path)


def _lnch_rules(lnch: str) -> Iterator[Problem]:
    path = ("patient", "identifier")
    if not bulgaria.is_ten_digits(lnch):
        yield problem(Rule.LNCH_FORM, "Give the LNCh as ten digits, or another identifierType.", *path)
    elif not bulgaria.lnch_check_digit_is_right(lnch):
        yield problem(Rule.LNCH_CHECK_DIGIT, "Correct the LNCh: its check digit does not fit.", *path)


def _egn_agreement(data: object) -> Iterator[Problem]:
    egn = text(data, "patient", "identifier")
    if text(data, "patient", "identifierType") != "egn" or egn is None or not bulgaria.is_ten_digits(egn):
        return
    born, said = day(data, "patient", "birthDate"), bulgaria.egn_birth_date(egn)
    if born and said and born != said:
        message = "Correct the birth date or the EGN: they name different days."
        yield problem(Rule.EGN_BIRTH_DATE, message, "patient", "birthDate")
    other = "female" if bulgaria.egn_is_male(egn) else "male"
    if text(data, "patient", "gender") == other:
        message = "Correct the gender or the EGN: its ninth digit is even for men, odd for women."
        yield problem(Rule.EGN_GENDER, message, "patient", "gender")


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
