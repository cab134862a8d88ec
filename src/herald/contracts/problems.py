"""What is wrong with an event: which field, which rule, what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem. ``path`` is a JSON path (``$.data.patient.identifier``); ``message`` never quotes the value."""

    path: str
    rule: str
    message: str
