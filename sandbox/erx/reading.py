"""Reading what came, whatever it is: JSON within bounds, query parameters, values by path."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn
from urllib.parse import parse_qsl

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 32
_MAX_PARAMETERS = 50


class Unreadable(Exception):
    """The body is no JSON object within the bounds."""


def read_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object that the body is. Raises Unreadable."""
    if len(body) > MAX_BYTES:
        raise Unreadable
    try:
        value = json.loads(body.decode(), parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise Unreadable from error
    if not isinstance(value, dict) or not _within_depth(value):
        raise Unreadable
    return value


def read_query(query: str) -> dict[str, list[str]]:
    """Return the query's parameters with all their values; nothing of a query that has too many."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="replace", max_num_fields=_MAX_PARAMETERS)
    except ValueError:
        return {}
    parameters: dict[str, list[str]] = {}
    for name, value in pairs:
        parameters.setdefault(name, []).append(value)
    return parameters


def parameter(query: str, name: str) -> str | None:
    """Return a parameter's first value, without the blanks around it; None where there is nothing in it."""
    values = read_query(query).get(name)
    return (values[0].strip() or None) if values else None


def at(value: Any, *steps: str | int) -> Any:
    """Return what lies at the path (names in objects, positions in lists), or None."""
    for step in steps:
        if isinstance(step, str):
            value = value.get(step) if isinstance(value, dict) else None
        else:
            value = value[step] if isinstance(value, list) and step < len(value) else None
    return value


def text_at(value: Any, *steps: str | int) -> str | None:
    """Return the text at the path, or None where there is none or it is blank."""
    found = at(value, *steps)
    return found if isinstance(found, str) and found.strip() else None


def objects_at(value: Any, *steps: str | int) -> list[dict[str, Any]]:
    """Return the objects in the list at the path; nothing else of it."""
    found = at(value, *steps)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _within_depth(value: object) -> bool:
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            return False
        level = [inner for outer in level for inner in _inside(outer)]
    return True


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number beyond what can be kept")
    return number
