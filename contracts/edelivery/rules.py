"""Rules of the eDelivery events that span fields. Pure; they read the raw data and yield its problems."""

from __future__ import annotations

import base64
import binascii
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from contracts.bulgarian_identifiers import egn_check_digit_is_right, is_ten_digits, lnch_check_digit_is_right
from contracts.edelivery.fields import LARGEST_INLINE, SUBJECT_UNITS
from contracts.edelivery.requests import FIELD_WAYS, FILE_WAYS
from contracts.problems import problem
from contracts.raw_data import day, node, text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from contracts.problems import Problem


class Rule(StrEnum):
    """The name of a rule; each problem of an event carries one."""

    # A field has one value, in one of three ways; a file has its content in one of two.
    ONE_WAY = "one-way"
    # The system takes a field once: its message is an object by the fields' ids.
    DISTINCT_FIELDS = "distinct-fields"
    # The system sends a message to each recipient once (confirmed), so a second mention says nothing.
    DISTINCT_RECIPIENTS = "distinct-recipients"
    # The system's column counts units of UTF-16, and refuses a longer subject with an error that names no reason.
    FITS_COLUMN = "fits-column"
    # A file in the event itself is base64 of a bounded number of bytes; an empty file is none.
    INLINE_FILE = "inline-file"
    # The system registers persons alone, by an EGN or a LNCh whose check digit is right (confirmed).
    PERSON_NUMBER = "person-number"
    # The last day is not before the first.
    DAYS_IN_ORDER = "days-in-order"


def send_rules(data: object, today: date) -> Iterator[Problem]:  # noqa: ARG001 - all rules have one form
    """Check the subject's width, the recipients, and each field's one value."""
    subject = text(data, "subject")
    if subject is not None and len(subject) <= SUBJECT_UNITS < _units(subject):
        message = (
            f"Shorten the subject to {SUBJECT_UNITS} units of UTF-16: a character such as an emoji takes two."
        )
        yield problem(Rule.FITS_COLUMN, message, "subject")
    if _repeats(_items(data, "recipients")):
        yield problem(Rule.DISTINCT_RECIPIENTS, "Name each recipient once.", "recipients")
    fields = _items(data, "fields")
    if _repeats([one.get("id") for one in fields if isinstance(one, dict)]):
        yield problem(Rule.DISTINCT_FIELDS, "Give each field once.", "fields")
    for index, field in enumerate(fields):
        yield from _field_problems(field, "fields", f"[{index}]")


def passive_rules(data: object, today: date) -> Iterator[Problem]:  # noqa: ARG001
    """Check that the number is a person's."""
    number = text(data, "identifier")
    if number is None:
        return
    is_person = is_ten_digits(number) and (
        egn_check_digit_is_right(number) or lnch_check_digit_is_right(number)
    )
    if not is_person:
        message = "Give the EGN or LNCh of a person: ten digits, the last of which fits the others."
        yield problem(Rule.PERSON_NUMBER, message, "identifier")


def list_rules(data: object, today: date) -> Iterator[Problem]:  # noqa: ARG001
    """Check that the days are in order."""
    first, last = day(data, "sentFrom"), day(data, "sentTo")
    if first is not None and last is not None and last < first:
        yield problem(Rule.DAYS_IN_ORDER, "Give a day that is not before sentFrom.", "sentTo")


def no_rules(data: object, today: date) -> Iterator[Problem]:  # noqa: ARG001
    """Check nothing: the fields are independent."""
    yield from ()


def _field_problems(field: object, *path: str) -> Iterator[Problem]:
    if not isinstance(field, dict):
        return
    yield from _one_way(field, FIELD_WAYS, *path)
    for index, file in enumerate(_items(field, "files")):
        if isinstance(file, dict):
            where = (*path, "files", f"[{index}]")
            yield from _one_way(file, FILE_WAYS, *where)
            yield from _content_problems(file, *where)


def _content_problems(file: dict[str, Any], *path: str) -> Iterator[Problem]:
    content = file.get("content")
    if not isinstance(content, str):
        return
    try:
        size = len(base64.b64decode(content, validate=True))
    except (binascii.Error, ValueError):
        return  # the field's own form says so
    if not 0 < size <= LARGEST_INLINE:
        message = f"Give 1 to {LARGEST_INLINE} bytes; upload a larger file, and name it in uploaded."
        yield problem(Rule.INLINE_FILE, message, *path, "content")


def _one_way(value: dict[str, Any], ways: tuple[str, ...], *path: str) -> Iterator[Problem]:
    if sum(value.get(way) is not None for way in ways) != 1:
        yield problem(Rule.ONE_WAY, f"Give exactly one of {', '.join(ways)}.", *path)


def _items(data: object, name: str) -> list[Any]:
    found = node(data, name)
    return found if isinstance(found, list) else []


def _repeats(values: list[Any]) -> bool:
    plain = [one for one in values if isinstance(one, str | int | float) and not isinstance(one, bool)]
    return len(set(plain)) != len(plain)


def _units(written: str) -> int:
    """Return how many units of UTF-16 a text takes."""
    return len(written.encode("utf-16-le", "surrogatepass")) // 2
