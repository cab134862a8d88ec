"""The rules of the event that span its fields. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from contracts.problems import problem
from contracts.regix.arguments import FIELDS
from contracts.regix.requests import WAYS, Argument

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from contracts.problems import Problem

_KNOWN = frozenset(field.alias or name for name, field in Argument.model_fields.items())


class Rule(StrEnum):
    """The name of a rule; each problem of an event carries one."""

    # Exactly one of `argument` and `xml` is given.
    ONE_WAY = "one-way"
    # The argument has the fields of its operation, and no others; operations whose shape is not known take `xml`.
    ARGUMENT = "argument"


def request_rules(data: object, today: date) -> Iterator[Problem]:  # noqa: ARG001 - all rules have one form
    """Check that there is one argument, and that it is that of the operation."""
    if not isinstance(data, dict):
        return
    if sum(data.get(way) is not None for way in WAYS) != 1:
        yield problem(Rule.ONE_WAY, f"Give exactly one of {', '.join(WAYS)}.")
    argument, operation = data.get("argument"), data.get("operation")
    if isinstance(argument, dict) and isinstance(operation, str):
        yield from _argument_problems(operation, argument)


def _argument_problems(operation: str, argument: Mapping[str, Any]) -> Iterator[Problem]:
    fields = FIELDS.get(operation)
    if fields is None:
        message = (
            "Correct the operation's name, or give xml in place of the argument: its shape is not known here."
        )
        yield problem(Rule.ARGUMENT, message, "argument")
        return
    given = {name for name, value in argument.items() if value is not None}
    for name in fields:
        if name not in given:
            yield problem(Rule.ARGUMENT, "Give this field: the operation requires it.", "argument", name)
    # Fields that no operation has are refused by the model.
    for name in sorted(given & _KNOWN - set(fields)):
        yield problem(Rule.ARGUMENT, "Remove it: the operation does not take it.", "argument", name)
