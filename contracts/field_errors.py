"""Pydantic's errors of single fields as problems: path, rule, what to do; never the value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from contracts.counted import counted
from contracts.fields import form_of
from contracts.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_TYPE = "type"
_MOST_LISTED = 5000
"""Of more errors only the number is reported: to list 90,000 takes seconds, and holds the interpreter lock."""


def _choice(facts: Mapping[str, Any]) -> str:
    return f"Give one of {facts['expected']}."


def _form(facts: Mapping[str, Any]) -> str:
    return f"Give {form_of(facts['pattern'])}."


def _at_least(facts: Mapping[str, Any], unit: str) -> str:
    least = facts["min_length"]
    return f"Give at least {counted(least, unit)}{': it is empty' if least == 1 else ''}."


def _at_most(facts: Mapping[str, Any], unit: str) -> str:
    return f"Give at most {counted(facts['max_length'], unit)}."


def _what(facts: Mapping[str, Any]) -> str:
    return str(facts["what"])


# Per error of pydantic: our rule id, and the sentence made from the limits it states (never from the input).
_SENTENCES: Mapping[str, tuple[str, Callable[[Mapping[str, Any]], str]]] = {
    "missing": ("required", lambda _: "Give this field: it is required."),
    "extra_forbidden": ("unknown-field", lambda _: "Remove it, or correct its name: there is no such field."),
    "string_type": (_TYPE, lambda _: "Give a JSON string."),
    "bool_type": (_TYPE, lambda _: "Give true or false."),
    "int_type": (_TYPE, lambda _: "Give a whole JSON number."),
    "json_number": (_TYPE, lambda _: "Give a JSON number."),
    "model_type": (_TYPE, lambda _: "Give a JSON object."),
    "tuple_type": (_TYPE, lambda _: "Give a JSON array."),
    "iso_date": ("date", _what),
    "iso_moment": ("date-time", _what),
    "enum": ("choice", _choice),
    "string_pattern_mismatch": ("form", _form),
    "invisible": ("form", lambda _: "Give text with something visible in it."),
    "string_too_short": ("length", lambda facts: _at_least(facts, "character")),
    "string_too_long": ("length", lambda facts: _at_most(facts, "character")),
    "too_short": ("length", lambda facts: _at_least(facts, "item")),
    "too_long": ("length", lambda facts: _at_most(facts, "item")),
    "greater_than_equal": ("range", lambda facts: f"Give at least {facts['ge']}."),
    "less_than_equal": ("range", lambda facts: f"Give at most {facts['le']}."),
}
_OTHERWISE = ("invalid", lambda _: "Correct this field by its description in the contract.")


def field_problems(error: ValidationError) -> Iterable[Problem]:
    """Turn a validation error of an event's data into problems, in pydantic's order."""
    if (count := error.error_count()) > _MOST_LISTED:
        yield Problem("$.data", "more-problems", f"Correct the fields by the contract: {count} are wrong.")
        return
    details = error.errors(include_url=False, include_input=False)
    # pydantic counts the items that are right: a list of one bad item would be too short as well.
    bad_lists = {detail["loc"][:end] for detail in details for end in range(len(detail["loc"]))}
    for detail in details:
        if detail["type"] == "too_short" and detail["loc"] in bad_lists:
            continue
        rule, sentence = _SENTENCES.get(detail["type"], _OTHERWISE)
        yield Problem(path=_path(detail), rule=rule, message=sentence(detail.get("ctx", {})))


def _path(detail: ErrorDetails) -> str:
    parts = list(detail["loc"])
    # An unknown field's name is the sender's own text and may hold anything, a patient's number included.
    if detail["type"] == "extra_forbidden" and not re.fullmatch(r"[A-Za-z_]{1,40}", str(parts[-1])):
        parts[-1] = "?"
    return "$.data" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
