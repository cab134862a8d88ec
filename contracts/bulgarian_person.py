"""Rules of a patient that every Bulgarian system shares: the number by itself, and what it says of the person. Pure.

They read the raw data of an event that has a `patient` with `identifierType`, `identifier`, `birthDate`, `gender`.
The number's own rules are also those of another person, whose member of the data is named.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from contracts import bulgarian_identifiers
from contracts.problems import problem
from contracts.raw_data import day, part, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.problems import Problem

_PATIENT = "patient"


class PersonRule(StrEnum):
    """A rule of a patient's number."""

    # The number has not the ten digits that its type asks for, or the last one does not fit (NHIS: RL001).
    EGN_FORM = "egn-form"
    EGN_CHECK_DIGIT = "egn-check-digit"
    EGN_BIRTH_DATE = "egn-birth-date"
    EGN_GENDER = "egn-gender"
    LNCH_FORM = "lnch-form"
    LNCH_CHECK_DIGIT = "lnch-check-digit"


def number_rules(data: object, person: str = _PATIENT) -> Iterator[Problem]:
    """Check the number of a person alone."""
    given = part(data, person)
    number = text(given, "identifier")
    if number is None:
        return
    match text(given, "identifierType"):
        case "egn":
            yield from _egn_rules(number, person)
        case "lnch":
            yield from _lnch_rules(number, person)


def agreement_rules(data: object) -> Iterator[Problem]:
    """Check that an EGN says the same birth date and gender as the patient has."""
    patient = part(data, _PATIENT)
    egn = text(patient, "identifier")
    if (
        text(patient, "identifierType") != "egn"
        or egn is None
        or not bulgarian_identifiers.is_ten_digits(egn)
    ):
        return
    born, said = day(patient, "birthDate"), bulgarian_identifiers.egn_birth_date(egn)
    if born and said and born != said:
        message = "Correct the birth date or the EGN: they name different days."
        yield problem(PersonRule.EGN_BIRTH_DATE, message, _PATIENT, "birthDate")
    other = "female" if bulgarian_identifiers.egn_is_male(egn) else "male"
    if text(patient, "gender") == other:
        message = "Correct the gender or the EGN: its ninth digit is even for men, odd for women."
        yield problem(PersonRule.EGN_GENDER, message, _PATIENT, "gender")


def _egn_rules(egn: str, person: str) -> Iterator[Problem]:
    number = (person, "identifier")
    if not bulgarian_identifiers.is_ten_digits(egn):
        yield problem(PersonRule.EGN_FORM, "Give the EGN as ten digits, or another identifierType.", *number)
        return
    if not bulgarian_identifiers.egn_check_digit_is_right(egn):
        yield problem(PersonRule.EGN_CHECK_DIGIT, "Correct the EGN: its check digit does not fit.", *number)
    if bulgarian_identifiers.egn_birth_date(egn) is None:
        message = "Correct the EGN: its first six digits are no birth date."
        yield problem(PersonRule.EGN_FORM, message, *number)


def _lnch_rules(lnch: str, person: str) -> Iterator[Problem]:
    number = (person, "identifier")
    if not bulgarian_identifiers.is_ten_digits(lnch):
        yield problem(
            PersonRule.LNCH_FORM, "Give the LNCh as ten digits, or another identifierType.", *number
        )
    elif not bulgarian_identifiers.lnch_check_digit_is_right(lnch):
        yield problem(PersonRule.LNCH_CHECK_DIGIT, "Correct the LNCh: its check digit does not fit.", *number)
