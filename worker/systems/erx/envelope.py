"""The frame of every answer: `{Result, Success, Errors}`, whatever case its names have. Total."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any

from contracts.immutable import immutable
from contracts.strict_json import NotJson
from worker.outcome import StatedError
from worker.systems import json_answer
from worker.text_encoding import text_of

if TYPE_CHECKING:
    from worker.transport.port import Answer

MOST_ERRORS = 1000
"""The most errors that are read of one answer; the rest are in the evidence only."""


@immutable
class Envelope:
    """An answer that states whether it is a success."""

    success: bool
    result: object = field(repr=False)
    errors: tuple[StatedError, ...] = field(repr=False)


def read_json(body: bytes, charset: str | None = None) -> object:
    """Read one JSON document; None where the body is none (the samples of the document lack colons)."""
    text = text_of(body, charset)
    try:
        return None if text is None else json_answer.parse(text)
    except NotJson:
        return None


def read_envelope(answer: Answer) -> Envelope | None:
    """Read the frame; None where there is none, or where it states neither success nor failure."""
    document = None if answer.truncated else read_json(answer.body, answer.charset)
    success = member(document, "success")
    if not isinstance(success, bool):
        return None
    errors = tuple(_error(item) for item in _stated(document)[:MOST_ERRORS])
    return Envelope(success, member(document, "result"), errors)


def _stated(document: Any) -> list[Any]:
    """Return every error; a single object or text in place of the list is an error too."""
    errors: list[Any] = []
    for listed in named(document, "errors"):
        if isinstance(listed, list):
            errors += listed
        elif listed is not None and listed != "":
            errors.append(listed)
    return errors


def member(value: object, *names: str) -> Any:
    """Return the value at the path, whatever case and hyphens its names have; None where there is none, or two."""
    for name in names:
        if not isinstance(value, dict):
            return None
        found = named(value, name)
        value = found[0] if len(found) == 1 else None
    return value


def named(value: dict[str, Any], name: str) -> list[Any]:
    """Return every member of this name, whatever case and hyphens it is written with."""
    return [inner for given, inner in value.items() if _plain(given) == name]


def text(value: object, *names: str) -> str | None:
    """Return the text or whole number at the path, as text; None where it is absent or blank."""
    found = member(value, *names)
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    return found if isinstance(found, str) and found.strip() else None


def items(value: object, *names: str) -> list[Any]:
    """Return the list at the path; an empty one where there is none."""
    found = member(value, *names) if names else value
    return found if isinstance(found, list) else []


def _plain(name: str) -> str:
    # The document's examples write one name as resourceType, ResourceType and resource-type.
    return name.replace("-", "").lower()


def _error(item: object) -> StatedError:
    if isinstance(item, str):
        return StatedError(type=None, reason=item)
    return StatedError(
        type=text(item, "key"),
        reason=text(item, "message"),
        faulty_attribute=text(item, "path"),
        id=text(item, "id"),
    )
