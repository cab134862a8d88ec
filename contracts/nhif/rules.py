"""Rules of the NHIF events that their models alone do not check. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from contracts.nhif.fields import (
    LONGEST_PARAMETER,
    MOST_PARAMETERS,
    PARAMETER_NAME,
    PARAMETER_TEXT,
)
from contracts.problems import Problem
from contracts.visible_text import is_visible

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

_PARAMETERS = "$.data.parameters"
_NAME = re.compile(PARAMETER_NAME.removesuffix("$"))
_TEXT = re.compile(PARAMETER_TEXT.removesuffix("$"))
_TELLABLE = re.compile(r"[A-Za-z_]{1,40}")


def parameter_path(name: str) -> str:
    """Return the JSON path of a parameter. A name that no catalogue need know may hold a patient's number."""
    return f"{_PARAMETERS}.{name if _TELLABLE.fullmatch(name) else '?'}"


def read_rules(data: object, today: date) -> Iterator[Problem]:  # noqa: ARG001 - all rules have one form
    """Check names and values of the parameters, as far as any service could take them."""
    given = data.get("parameters") if isinstance(data, dict) else None
    if given is None:
        return
    if not isinstance(given, dict):
        yield Problem(_PARAMETERS, "type", "Give a JSON object.")
        return
    if len(given) > MOST_PARAMETERS:
        yield Problem(_PARAMETERS, "length", f"Give at most {MOST_PARAMETERS} items.")
        return
    for name, value in given.items():
        yield from _parameter_problems(name, value)


def submit_rules(data: object, today: date) -> Iterator[Problem]:  # noqa: ARG001
    """Check that there is exactly one document."""
    if isinstance(data, dict):
        given = [way for way in ("json", "xml") if data.get(way) is not None]
        if len(given) != 1:
            yield Problem("$.data", "one-way", "Give exactly one of json, xml.")


def _parameter_problems(name: str, value: object) -> Iterator[Problem]:
    path = parameter_path(name)
    if not _NAME.fullmatch(name):
        form = "at most 64 letters a-z, digits and _, beginning with a letter"
        yield Problem(path, "form", f"Name the parameter by {form}.")
    if isinstance(value, str):
        yield from _text_problems(path, value)
    elif not (value is None or isinstance(value, bool | int | float)):
        yield Problem(path, "type", "Give a JSON string, a number, or true or false.")


def _text_problems(path: str, text: str) -> Iterator[Problem]:
    if not text or len(text) > LONGEST_PARAMETER:
        yield Problem(path, "length", f"Give 1 to {LONGEST_PARAMETER} characters, or leave it out.")
    elif not _TEXT.fullmatch(text) or not is_visible(text):
        yield Problem(path, "form", "Give one line of text with something visible in it.")
    elif text in {".", ".."}:
        yield Problem(path, "form", "Give another text: a part of an address cannot be dots alone.")
