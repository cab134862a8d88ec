"""Rules of a patient. Pure; they read the raw data and yield its problems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from herald.contracts import bulgaria
from herald.contracts.erx.rules import Rule, problem
from herald.contracts.raw import day, text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from herald.contracts.problems import Problem

_NUMBER = ("patient", "identifier")


def reference_rules(data: object) -> Iterator[Problem]:
    """Check the patient's number by itself."""
    number = text(data, *_NUMBER)
    if number is None:
        return
    match text(data, "patient", "identifierType"):
        case "egn":
            yield from _egn_rules(number)
        case "lnch":
            yield from _lnch_rules(number)


def patient_rules(data: object, today: date) -> Iterator[Problem]:
    """Check a whole patient."""
    yield from reference_rules(data)
    yield from _egn_agreement(data)
    born = day(data, "patient", "birthDate")
    if born and born > today:
        yield problem(Rule.NOT_IN_FUTURE, "Correct the date: it lies ahead.", "patient", "birthDate")


def _egn_rules(egn: str) -> Iterator[Problem]:
    if not bulgaria.is_ten_digits(egn):
        yield problem(Rule.EGN_FORM, "Give the EGN as ten digits, or another identifierType.", *_NUMBER)
        return
    if not bulgaria.egn_check_digit_is_right(egn):
        yield problem(Rule.EGN_CHECK_DIGIT, "Correct the EGN: its check digit does not fit.", *_NUMBER)
    if bulgaria.egn_birth_date(egn) is None:
        yield problem(Rule.EGN_FORM, "Correct the EGN: its first six digits are no birth date.", *_NUMBER)


def _lnch_rules(lnch: str) -> Iterator[Problem]:
    if not bulgaria.is_ten_digits(lnch):
        yield problem(Rule.LNCH_FORM, "Give the LNCh as ten digits, or another identifierType.", *_NUMBER)
    elif not bulgaria.lnch_check_digit_is_right(lnch):
        yield problem(Rule.LNCH_CHECK_DIGIT, "Correct the LNCh: its check digit does not fit.", *_NUMBER)


def _egn_agreement(data: object) -> Iterator[Problem]:
    egn = text(data, *_NUMBER)
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
