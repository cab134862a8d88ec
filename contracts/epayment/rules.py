"""Rules of the payment events that span fields. Pure; they read the raw data and yield its problems."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from contracts.bulgarian_person import number_rules
from contracts.fields import moment_of
from contracts.problems import problem
from contracts.raw_data import node, text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from contracts.problems import Problem

_BULSTAT_LENGTHS = frozenset({9, 13})
_WIDTHS = {
    ("reason",): 200,
    ("reference", "number"): 50,
    ("reference", "type"): 50,
    ("administrativeServiceUri",): 100,
    ("administrativeServiceSupplierUri",): 100,
}
"""The widths of the public server's columns, in units of UTF-16 as its database counts them (confirmed)."""


class Rule(StrEnum):
    """The name of a rule; each problem of an event carries one."""

    # A BULSTAT number (now EIK) has 9 digits, or 13 for a branch; its check digits are not checked.
    BULSTAT_FORM = "bulstat-form"
    # The system refuses an expiry that does not lie ahead (confirmed); the exact moment it checks itself.
    EXPIRES_LATER = "expires-later"
    # The system answers 500 to a text that does not fit its column, and no repetition changes that. The fields' own
    # lengths count characters; some (emoji, for example) take two units.
    FITS_COLUMN = "fits-column"
    # One question names each payment request once, so that each answer is of one.
    DISTINCT_PAYMENTS = "distinct-payments"


def request_rules(data: object, today: date) -> Iterator[Problem]:
    """Check the payer's number, the expiry and the widths of texts of a payment request."""
    yield from search_rules(data, today)
    yield from _width_rules(data)
    number = text(data, "payer", "identifier")
    is_bulstat = text(data, "payer", "identifierType") == "bulstat"
    if is_bulstat and number is not None and len(number) not in _BULSTAT_LENGTHS:
        message = "Give the BULSTAT number as 9 or 13 digits, or another identifierType."
        yield problem(Rule.BULSTAT_FORM, message, "payer", "identifier")
    expires = moment_of(node(data, "expiresAt"))
    # A moment of yesterday in UTC may be one of today in Sofia: of the last day the system itself decides.
    if expires and expires.date() < today - timedelta(days=1):
        yield problem(Rule.EXPIRES_LATER, "Give a moment that lies ahead.", "expiresAt")


def _width_rules(data: object) -> Iterator[Problem]:
    for path, most in _WIDTHS.items():
        found = text(data, *path)
        if found is not None and len(found) <= most < _units(found):
            message = f"Shorten the text to {most} units of UTF-16: a character such as an emoji takes two."
            yield problem(Rule.FITS_COLUMN, message, *path)


def _units(written: str) -> int:
    """Return how many units of UTF-16 a text takes."""
    return len(written.encode("utf-16-le", "surrogatepass")) // 2


def search_rules(data: object, today: date) -> Iterator[Problem]:  # noqa: ARG001 - all rules have one form
    """Check the number of a payer who is a person."""
    yield from number_rules(data, "payer")


def status_rules(data: object, today: date) -> Iterator[Problem]:  # noqa: ARG001
    """Check that each payment request is named once."""
    ids = node(data, "paymentIds")
    named = [one for one in ids if isinstance(one, str)] if isinstance(ids, list) else []
    if len(set(named)) != len(named):
        yield problem(Rule.DISTINCT_PAYMENTS, "Name each payment request once.", "paymentIds")


def no_rules(data: object, today: date) -> Iterator[Problem]:  # noqa: ARG001
    """Check nothing: the fields are independent."""
    yield from ()
