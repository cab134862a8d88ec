"""A problem of an event: its field, its rule, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.immutable import immutable

if TYPE_CHECKING:
    from enum import StrEnum


@immutable
class Problem:
    """One problem of one event.

    ``path`` is a JSON path into the event (``$.data.patient.identifier``, ``$.signer``), or ``key``, ``headers`` or
    ``value`` where it concerns the record itself. ``message`` says what to do and never quotes a value.
    """

    path: str
    rule: str
    message: str


def problem(rule: StrEnum, message: str, *path: str) -> Problem:
    """Make the problem of one field of the event's data; a name in brackets is an index."""
    return Problem(path=".".join(("$.data", *path)).replace(".[", "["), rule=rule.value, message=message)
