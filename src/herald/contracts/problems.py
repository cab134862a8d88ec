"""What is wrong with an event: which field, which rule, what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of one event.

    ``path`` is a JSON path into the event (``$.data.patient.identifier``, ``$.signer``), or ``key`` or
    ``value`` where it concerns the record itself. ``message`` says what to do and never quotes a value.
    """

    path: str
    rule: str
    message: str
