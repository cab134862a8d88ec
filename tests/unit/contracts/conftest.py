"""What the tests of the contracts share. All people are invented: nobody born in the 1800s is alive."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from contracts.registry import EVENT_TYPES, ContractViolation, validate

REMOVED = object()


@pytest.fixture(scope="session")
def root() -> Path:
    return Path(__file__).parents[3]


@pytest.fixture(scope="session")
def today() -> date:
    return date(2025, 6, 1)


@pytest.fixture
def changed() -> Callable[..., Any]:
    """The example of a type with some members changed, by dotted path; REMOVED takes one away."""

    def change(event_type: str, changes: dict[str, Any]) -> Any:
        data = deepcopy(dict(EVENT_TYPES[event_type].example))
        for path, value in changes.items():
            *parents, last = path.split(".")
            place = data
            for parent in parents:
                place = place.setdefault(parent, {})
            if value is REMOVED:
                place.pop(last, None)
            else:
                place[last] = value
        return data

    return change


@pytest.fixture
def problems(changed: Callable[..., Any], today: date) -> Callable[..., list[tuple[str, str]]]:
    """(path, rule) of every problem of a changed example; empty when there is none."""

    def find(event_type: str, changes: dict[str, Any]) -> list[tuple[str, str]]:
        try:
            validate(event_type, changed(event_type, changes), today=today)
        except ContractViolation as violation:
            return [(problem.path, problem.rule) for problem in violation.problems]
        return []

    return find


@pytest.fixture(scope="session")
def removed() -> object:
    return REMOVED
