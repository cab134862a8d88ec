"""Rules of the NHIF events that their models alone do not check. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from contracts.nhif.documents import PART_WAYS
from contracts.nhif.fields import (
    LARGEST_DOCUMENT,
    LONGEST_PARAMETER,
    MOST_PARAMETERS,
    MOST_PARTS,
    PARAMETER_NAME,
    PARAMETER_TEXT,
)
from contracts.nhif.requests import WAYS
from contracts.problems import Problem
from contracts.visible_text import is_visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

_PARAMETERS = "$.data.parameters"
_MULTIPART = "$.data.multipart"
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
    """Check that there is exactly one document, and the parts of a multipart one."""
    if isinstance(data, dict):
        yield from _one_way("$.data", data, WAYS)
        yield from _part_problems(data.get("multipart"))


def _one_way(path: str, data: Mapping[str, Any], ways: tuple[str, ...]) -> Iterator[Problem]:
    if sum(data.get(way) is not None for way in ways) != 1:
        yield Problem(path, "one-way", f"Give exactly one of {', '.join(ways)}.")


def _part_problems(parts: object) -> Iterator[Problem]:
    if not isinstance(parts, list) or len(parts) > MOST_PARTS:
        return
    known = [part for part in parts if isinstance(part, dict)]
    for index, part in enumerate(parts):
        if isinstance(part, dict):
            yield from _one_way(f"{_MULTIPART}[{index}]", part, PART_WAYS)
    if sum(map(_size, known)) > LARGEST_DOCUMENT:
        yield Problem(_MULTIPART, "length", f"Give at most {LARGEST_DOCUMENT} bytes in all parts together.")


def _size(part: Mapping[str, Any]) -> int:
    """Return about how many bytes a part's content has; base64 has four characters for three of them."""
    texts = [value for way in ("text", "xml") if isinstance(value := part.get(way), str)]
    coded = part.get("base64")
    return sum(len(text.encode("utf-8", "replace")) for text in texts) + (
        len(coded) // 4 * 3 if isinstance(coded, str) else 0
    )


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
