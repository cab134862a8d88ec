"""From an event's parameters to an address: parts of its path and of its query, in the catalogue's order. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import quote

from contracts.counted import counted
from contracts.nhif.fields import LONGEST_PARAMETER
from contracts.nhif.rules import parameter_path
from contracts.problems import Problem
from contracts.times import NotATime, read_day
from worker.systems.nhif.catalogue.services import Kind, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from collections.abc import Set as AbstractSet

    from worker.systems.nhif.catalogue.services import Parameter

_WHOLE = 10**18
"""More digits than a 64-bit number has are no number to any service."""
_DOTS = frozenset({"", ".", ".."})


class BadParameters(Exception):
    """The parameters do not fit the catalogue; carries every problem."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(counted(len(problems), "problem"))
        self.problems = tuple(problems)


def address_parts(
    parameters: tuple[Parameter, ...], given: Mapping[str, object]
) -> tuple[list[str], list[str]]:
    """Return the parts of the path, and those of the query (`name=value`); all escaped. Raises BadParameters."""
    problems = _unknown(given, {one.name for one in parameters})
    path, query = (
        _written([one for one in parameters if one.place is place], given, problems) for place in Place
    )
    if problems:
        raise BadParameters(problems)
    return [text for _, text in path], [f"{name}={text}" for name, text in query]


def _written(
    parameters: list[Parameter], given: Mapping[str, object], problems: list[Problem]
) -> list[tuple[str, str]]:
    """Return name and escaped text of each that is given. In a path nothing may follow one that is left out."""
    parts: list[tuple[str, str]] = []
    gap: Parameter | None = None
    for one in parameters:
        value = given.get(one.name)
        if value is None:
            if one.required:
                problems.append(_problem(one, "required", "Give this parameter: the service requires it."))
            gap = gap or (one if one.place is Place.PATH else None)
            continue
        if gap is not None and not gap.required:
            message = f"Give it too: {one.name}, which comes after it in the address, is given."
            problems.append(_problem(gap, "required", message))
            gap = None
        text = _text(one, value)
        if isinstance(text, Problem):
            problems.append(text)
        else:
            parts.append((one.name, quote(text, safe="")))
    return parts


def _unknown(given: Mapping[str, object], known: AbstractSet[str]) -> list[Problem]:
    message = "Remove it, or correct its name: the catalogue has no such parameter of this service."
    return [Problem(parameter_path(name), "unknown-field", message) for name in given if name not in known]


def _text(one: Parameter, value: object) -> str | Problem:
    write, words = _KINDS[one.kind]
    text = write(value)
    if text is None:
        return _problem(one, "type", f"Give {words}.")
    longest = one.max_length or LONGEST_PARAMETER
    if len(text) > longest:
        return _problem(one, "length", f"Give at most {longest} characters.")
    if text in _DOTS:
        return _problem(one, "form", "Give another text: a part of an address cannot be empty or only dots.")
    if one.pattern is not None and not one.pattern.fits(text):
        return _problem(one, "form", f"Give a text of the form {one.pattern.text}.")
    return text


def _problem(one: Parameter, rule: str, message: str) -> Problem:
    return Problem(f"$.data.parameters.{one.name}", rule, message)


def _string(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _integer(value: object) -> str | None:
    """Take 2.0 for 2, as the contracts do."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    whole = isinstance(value, int) or value.is_integer()
    return str(int(value)) if whole and abs(value) < _WHOLE else None


def _number(value: object) -> str | None:
    """Write a number by its shortest decimal text, a whole one without a point, never with an exponent."""
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) >= _WHOLE:
        return None
    # 1.0 and 1 are one number, and must not be two addresses.
    return _integer(value) or format(Decimal(repr(value)), "f")


def _date(value: object) -> str | None:
    try:
        return read_day(value).isoformat()
    except NotATime:
        return None


def _boolean(value: object) -> str | None:
    return ("true" if value else "false") if isinstance(value, bool) else None


_KINDS: Mapping[Kind, tuple[Callable[[object], str | None], str]] = {
    Kind.STRING: (_string, "a JSON string"),
    Kind.INTEGER: (_integer, "a whole JSON number of at most 18 digits"),
    Kind.NUMBER: (_number, "a JSON number of at most 18 digits before the point"),
    Kind.DATE: (_date, "a calendar date as YYYY-MM-DD"),
    Kind.BOOLEAN: (_boolean, "true or false"),
}
