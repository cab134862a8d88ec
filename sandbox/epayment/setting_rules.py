"""Reading the sandbox's own settings from JSON: a table of names, each with what it may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias, TypeVar

from sandbox.stand_in import InvalidControl

Rule: TypeAlias = tuple[Callable[[Any], bool], str]
T = TypeVar("T")


def changed(current: T, body: Any, rules: Mapping[str, Rule]) -> T:
    """Return the settings with the given ones replaced. Raises InvalidControl with every problem in it."""
    if not isinstance(body, Mapping):
        raise InvalidControl("give an object of settings")
    problems = [f"unknown setting {name!r}" for name in sorted(set(body) - set(rules))]
    problems += [
        f"{name} must be {rules[name][1]}"
        for name in body
        if name in rules and not rules[name][0](body[name])
    ]
    if problems:
        raise InvalidControl("; ".join(problems))
    return replace(current, **{name: _frozen(value) for name, value in body.items()})  # type: ignore[type-var]


def one_of(*choices: Any) -> Rule:
    """Allow these values."""
    return lambda value: value in choices, f"one of {', '.join(map(str, choices))}"


def flag() -> Rule:
    """Allow true and false."""
    return lambda value: isinstance(value, bool), "true or false"


def text(*, optional: bool = False) -> Rule:
    """Allow a text."""
    return (
        lambda value: isinstance(value, str) or (optional and value is None),
        "a text, or null" if optional else "a text",
    )


def number(least: float) -> Rule:
    """Allow numbers from ``least``."""
    return (
        lambda value: isinstance(value, int | float) and not isinstance(value, bool) and value >= least,
        f"a number from {least:g}",
    )


def whole(least: int) -> Rule:
    """Allow whole numbers from ``least``."""
    return (
        lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= least,
        f"a whole number from {least}",
    )


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
