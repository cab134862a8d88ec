"""The content of a submission in one form, which distinguishes a duplicate from a conflict."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from contracts import strict_json

if TYPE_CHECKING:
    from collections.abc import Collection

    from pydantic import BaseModel

_UNPLAIN = re.compile(rb"[:,\[](?:null|-?[0-9]++(?:\.0|(?:\.[0-9]++)?e\+))")
"""Every null, and every float that is a whole number, is written as one of these; so may be a text, which costs only
time. Most contents have none, and need not be copied."""
_WHOLE = re.compile(rb"\.0[,\]}]")
"""How a whole number written as a float ends: a code such as `Z23.0` ends with a quotation mark."""


def content_hash(
    event_type: str, signer: str, data: object, verbatim: Collection[str] = (), rnu: str | None = None
) -> bytes:
    """Hash what a submission says (SHA-256): equal for the same content, however it was written and transported.

    ``data`` is JSON as `strict_json.parse` returns it. An absent member and a null one are the same, except below
    the members of ``data`` that ``verbatim`` names; so are 1, 1.0 and 1e0, 0 and -0.0, 1e23 and the whole number that
    it stands for, and all orders of members. ``verbatim`` holds paths: `json`, or `multipart.json` for a member of
    each item of an array. ``rnu`` is the event's own, not a generated one.
    """
    said = strict_json.canonical(_with_number([event_type, signer, data], rnu))
    if _may_be_unplain(said) and _UNPLAIN.search(said):
        plain = _with_plain_numbers(_without_nulls(data, verbatim))
        said = strict_json.canonical(_with_number([event_type, signer, plain], rnu))
    return hashlib.sha256(said).digest()


def meaning_hash(event_type: str, signer: str, data: BaseModel, rnu: str | None = None) -> bytes:
    """Hash what a contract read from a submission (SHA-256): equal where Herald would send the same.

    A date and the midnight that stands for it are equal, and one moment in two zones.
    """
    said = _with_number([event_type, signer, data.model_dump(exclude_none=True)], rnu)
    return hashlib.sha256(_written(said)).digest()


def _may_be_unplain(said: bytes) -> bool:
    """Whether a search for `_UNPLAIN` may find something: to see that it cannot costs a tenth of the search."""
    whole = b".0" in said and _WHOLE.search(said) is not None
    return whole or b"null" in said or (b"+" in said and b"e+" in said)


def _with_number(content: list[Any], rnu: str | None) -> list[Any]:
    """Add the reference number of the service, where there is one: with another number it is another content."""
    return content if rnu is None else [*content, rnu]


def _without_nulls(value: Any, verbatim: Collection[str] = (), path: str = "") -> Any:
    """Leave out members that are null. An item of an array stays: its place is a part of what the array says."""
    if isinstance(value, dict):
        return {
            name: member if path + name in verbatim else _without_nulls(member, verbatim, f"{path}{name}.")
            for name, member in value.items()
            if member is not None
        }
    return [_without_nulls(item, verbatim, path) for item in value] if isinstance(value, list) else value


def _with_plain_numbers(value: Any) -> Any:
    """Write whole numbers as such. Integers are not made doubles: beyond 2**53 two of them would become one."""
    if isinstance(value, dict):
        return {name: _with_plain_numbers(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_with_plain_numbers(item) for item in value]
    return _whole(value) if isinstance(value, float) and value.is_integer() else value


def _whole(value: float) -> int:
    """Return the number that the shortest text of a double states: 1e23 is 10**23, and its double is not."""
    return int(Decimal(repr(value)))


def _plain(value: object) -> str:
    """Write what a model holds and JSON does not know: each value in one way, and in full."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    raise TypeError(f"a contract holds a {type(value).__name__}, which has no form here")


# An absent field is left out; a null in a document that is passed on as it is, is a value and stays.
_written = strict_json.writer(_plain)
