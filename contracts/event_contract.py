"""The contract of one event type: its data, rules, operation, example and result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from pydantic import BaseModel

    from contracts.problems import Problem


def _nothing_known(_identity: str, _data: object) -> Mapping[str, str]:
    return {}


@immutable
class EventContract:
    """One type of submission event.

    ``rules`` are those that span fields; they read the raw data and the day (in the system's own time zone).
    ``result`` is the data of the accepted reply. ``answered`` is an example of a result, and ``body`` (with its media
    type) an example of the answer that leads to it. ``known`` returns the part of a result that is known without an
    answer, from the identity that was sent and the event's raw data; ``stated`` is the model that checks a result
    that a person found in the system and stated. ``reference`` is the member of a result that holds what the system
    calls the submission when it says that it has it already. ``verbatim`` are the paths of the members of the data
    that are passed on as they are (`multipart.json`: of each item of the array): in them a null is a value.
    ``needs_rnu``: the system wants the reference number of a service, which is generated for an event without one
    (`contracts/reference_number.py`).
    ``binary`` are the paths of the members of the result that hold base64 (`content`, `others.*.content`: of each
    item): where they are too large for a reply, their bytes become files.
    ``answers_later``: the system may take it and answer later, so that there may be an interim event.
    """

    system: str
    operation: str
    title: str
    description: str
    model: type[BaseModel]
    rules: Callable[[object, date], Iterable[Problem]]
    example: Mapping[str, Any]
    result: type[BaseModel]
    answered: Mapping[str, Any]
    known: Callable[[str, object], Mapping[str, str]] = _nothing_known
    stated: type[BaseModel] | None = None
    reference: str | None = None
    body: tuple[str, str] = ("application/json", "{…}")
    verbatim: frozenset[str] = frozenset()
    binary: frozenset[str] = frozenset()
    needs_rnu: bool = False
    version: int = 1
    answers_later: bool = False

    @property
    def event_type(self) -> str:
        """The type of the event's CloudEvent."""
        return f"{self.system}.{self.operation}.v{self.version}"
