"""The rules of the search for medical exemptions that span fields or need arithmetic. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from contracts.kz_shep import iin
from contracts.kz_shep.requests import WAYS
from contracts.problems import problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from contracts.problems import Problem


IIN_RULES = frozenset({"iin-check-digit", "iin-birth-date"})
"""The rules that no document of the ministry has: a setting of the worker switches them off."""


class Rule(StrEnum):
    """The name of a rule; each problem of an event carries one."""

    # Something to search by is given (the specification's XSD says so in its documentation).
    AT_LEAST_ONE = "at-least-one"
    # A passport number needs its citizenship (table 1), and a citizenship something else to search by (the XSD's
    # documentation).
    TOGETHER = "together"
    # The last of the IIN's twelve digits does not fit the others.
    IIN_CHECK_DIGIT = "iin-check-digit"
    # The first six digits of the IIN are no birth date.
    IIN_BIRTH_DATE = "iin-birth-date"


def search_rules(data: object, today: date) -> Iterator[Problem]:  # noqa: ARG001 - all rules have one form
    """Check what the specification demands of the four fields together, and the IIN."""
    if not isinstance(data, dict):
        return
    given = {name: data[name] for name in WAYS if data.get(name) is not None}
    if not given:
        message = "Give number, iin, or passportNumber with citizenshipCode."
        yield problem(Rule.AT_LEAST_ONE, message)
    yield from _pair_rules(given)
    yield from _iin_rules(given.get("iin"))


def _pair_rules(given: dict[str, object]) -> Iterator[Problem]:
    if "passportNumber" in given and "citizenshipCode" not in given:
        message = "Give it: a search by passport needs the citizenship."
        yield problem(Rule.TOGETHER, message, "citizenshipCode")
    if set(given) == {"citizenshipCode"}:
        message = "Give it, a number or an IIN: citizenship alone finds nobody."
        yield problem(Rule.TOGETHER, message, "passportNumber")


def _iin_rules(number: object) -> Iterator[Problem]:
    # The model checks the form itself.
    if not isinstance(number, str) or not iin.is_twelve_digits(number):
        return
    if not iin.check_digit_is_right(number):
        message = "Correct the IIN: its check digit does not fit."
        yield problem(Rule.IIN_CHECK_DIGIT, message, "iin")
    if not iin.begins_with_a_date(number):
        message = "Correct the IIN: its first six digits are no birth date."
        yield problem(Rule.IIN_BIRTH_DATE, message, "iin")
