"""Single values as the server reads them from JSON, and JSON as it writes it."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn

from sandbox.epayment.errors import Unreadable
from sandbox.epayment.moments import read_moment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_SPECIFIED_AMOUNT = re.compile(r"\d{1,14}(\.\d{1,2})?")
_LENIENT_NUMBER = re.compile(r"[+-]?[\d,]*\.?\d*([eE][+-]?\d{1,3})?")
_WHOLE = re.compile(r"[+-]?\d{1,9}")


def read_json(text: str) -> Any:
    """Read JSON, strictly: numbers with a point are Decimal. Raises Unreadable."""
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise Unreadable("no JSON") from error


def read_object(text: str) -> dict[str, Any]:
    """Read a JSON object; its names come in small letters, because the server ignores their case. Raises Unreadable."""
    value = read_json(text)
    if not isinstance(value, dict):
        raise Unreadable("no JSON object")
    return {name.lower(): item for name, item in value.items()}


def text_of(value: Any) -> str | None:
    """Return a text, or a scalar as its text; half of a pair of surrogates is replaced. Raises Unreadable."""
    if value is None:
        return None
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return str(value)
    raise Unreadable("neither a text nor a scalar")


def whole_of(value: Any) -> int | None:
    """Return a whole number, which a text may hold as well. Raises Unreadable."""
    if isinstance(value, bool):
        raise Unreadable("no whole number")
    text = (text_of(value) or "").strip()
    if not text:
        return None
    if _WHOLE.fullmatch(text) is None:
        raise Unreadable("no whole number")
    return int(text)


def moment_of(value: Any) -> datetime | None:
    """Return a date with its time as the server's wall clock has them. Raises Unreadable."""
    if value is not None and not isinstance(value, str):
        raise Unreadable("no date")
    return read_moment(value) if value else None


def amount_of(value: Any, *, as_specified: bool) -> Decimal | None:
    """Return an amount, given as a number or as a text. Raises Unreadable.

    ``as_specified`` refuses what the specification forbids. Without it the rules are those of .NET's numbers,
    where commas are separators of thousands: "2,33" is 233.
    """
    if isinstance(value, bool):
        raise Unreadable("no number")
    text = (text_of(value) or "").strip()
    if not text:
        return None
    rule = _SPECIFIED_AMOUNT if as_specified else _LENIENT_NUMBER
    digits = text if as_specified else text.replace(",", "")
    if rule.fullmatch(text.removeprefix("-") if as_specified else text) is None:
        raise Unreadable("no amount")
    try:
        return Decimal(digits)
    except ArithmeticError as error:
        raise Unreadable("no amount") from error


def written(value: Any) -> str:
    """Write JSON in one line; a Decimal keeps all its decimals, as the server's do."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dict):
        return "{" + ",".join(f"{written(name)}:{written(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(written, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def blank(text: str | None) -> bool:
    """Whether there is nothing in it but white space."""
    return text is None or not text.strip()


def required(fields: Mapping[str, Any], name: str) -> Any:
    """Return the value of a field that must be there, be it null. Raises Unreadable."""
    if name.lower() not in fields:
        raise Unreadable(f"{name} is missing")
    return fields[name.lower()]


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
