"""Reading of an event's data before it is known to be well-formed: what is absent or misshapen reads as None.

The cross-field rules read the data this way, so that their problems are reported together with those of the
single fields. A field that is null counts as absent, as in the models.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.times import NotATime, read_day

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


def node(data: object, *path: str) -> object:
    """Return what lies at the path, or None."""
    for name in path:
        if not isinstance(data, dict):
            return None
        data = data.get(name)
    return data


def part(data: object, name: str) -> Mapping[str, object]:
    """Return the object in a field; an empty one where there is none."""
    found = data.get(name) if isinstance(data, dict) else None
    return found if isinstance(found, dict) else {}


# The first step of these is written out: most paths have one name, and each event is asked for some thirty values.


def text(data: object, name: str, *inner: str) -> str | None:
    """Return the string at the path."""
    value = data.get(name) if isinstance(data, dict) else None
    if inner:
        value = node(value, *inner)
    return value if isinstance(value, str) else None


def whole(data: object, name: str, *inner: str) -> int | None:
    """Return the whole number at the path."""
    value = data.get(name) if isinstance(data, dict) else None
    if inner:
        value = node(value, *inner)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def day(data: object, name: str, *inner: str) -> date | None:
    """Return the calendar date at the path."""
    value = data.get(name) if isinstance(data, dict) else None
    if inner:
        value = node(value, *inner)
    if value is None:  # as many are; to raise an exception for each costs more than all the rest of the rules
        return None
    try:
        return read_day(value)
    except NotATime:
        return None
