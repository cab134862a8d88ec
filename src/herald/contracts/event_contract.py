"""What the contracts say of one event type: its data, its rules, what it does, an example."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from pydantic import BaseModel

    from herald.contracts.problems import Problem


@dataclass(frozen=True, slots=True)
class EventContract:
    """One type of submission event.

    ``rules`` are those that span fields; they read the raw data and the day (in the system's own time zone).
    ``result`` is the data of the accepted reply. ``answered`` is an example of it.
    """

    event_type: str
    system: str
    operation: str
    title: str
    description: str
    model: type[BaseModel]
    rules: Callable[[object, date], Iterable[Problem]]
    example: Mapping[str, Any]
    result: type[BaseModel]
    answered: Mapping[str, Any]
