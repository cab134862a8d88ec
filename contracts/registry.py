"""Every event type there is, and the check of an event's data against its contract."""

from __future__ import annotations

import re
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError

from contracts.counted import counted
from contracts.field_errors import field_problems
from contracts.problems import Problem
from contracts.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from contracts.event_contract import EventContract

SYSTEMS = (
    "nhis",
    "nhif",
    "erx",
    "kz-shep",
    "regix",
    "epayment",
    "edelivery",
    "eforms",
    "peu",
)
"""Every national system that has a contract: `EVENTS` of its package's module `events`. Adding one adds a line."""


def _contracts(system: str) -> tuple[EventContract, ...]:
    events: tuple[EventContract, ...] = import_module(f"contracts.{system.replace('-', '_')}.events").EVENTS
    return events


EVENT_TYPES: Mapping[str, EventContract] = MappingProxyType(
    {contract.event_type: contract for system in SYSTEMS for contract in _contracts(system)}
)
MOST_PROBLEMS = 100
"""The most problems of one event that are listed: a reply must fit into its topic."""
_VERSION = re.compile(r"\.v[0-9]{1,9}$")
_NAMES = frozenset(_VERSION.sub("", event_type) for event_type in EVENT_TYPES)


class ContractViolation(Exception):
    """The data breaks its contract; carries every problem. Its text holds no value of the event."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(counted(len(problems), "problem"))
        self.problems = problems


def classify_type(event_type: str) -> Reason | None:
    """Say why an event type cannot be taken; None for a type that can."""
    if event_type in EVENT_TYPES:
        return None
    name, versions = _VERSION.subn("", event_type)
    return Reason.UNSUPPORTED_VERSION if versions and name in _NAMES else Reason.UNKNOWN_TYPE


def validate(event_type: str, data: object, *, today: date, waived: Collection[str] = ()) -> BaseModel:
    """Check an event's data, field by field and between fields, and return it as its model.

    ``today`` is the day in the system's own time zone; ``waived`` are the names of rules between fields that the
    operator has switched off. Raises ContractViolation with all problems together,
    and KeyError for a type that `classify_type` refuses.
    """
    contract = EVENT_TYPES[event_type]
    problems: list[Problem] = []
    model: BaseModel | None = None
    try:
        # Only the outside names: what the published schema refuses is refused here too.
        model = contract.model.model_validate(data, by_alias=True, by_name=False)
    except ValidationError as error:
        problems.extend(field_problems(error))
    problems.extend(found for found in contract.rules(data, today) if found.rule not in waived)
    if model is None or problems:
        raise ContractViolation(_told(problems))
    return model


def _told(problems: list[Problem]) -> tuple[Problem, ...]:
    """Return each problem once, as several rules may say the same of one field; of very many, the first."""
    distinct = tuple(dict.fromkeys(problems))
    if len(distinct) <= MOST_PROBLEMS:
        return distinct
    left = len(distinct) - MOST_PROBLEMS
    more = Problem(
        "$.data",
        "more-problems",
        f"Correct these first: {counted(left, 'more problem')} not listed.",
    )
    return (*distinct[:MOST_PROBLEMS], more)
