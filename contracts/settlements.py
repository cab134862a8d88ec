"""The result that a person may state of a held submission that was found in the national system."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from contracts.field_errors import field_problems
from contracts.problems import Problem
from contracts.registry import EVENT_TYPES, ContractViolation

if TYPE_CHECKING:
    from collections.abc import Mapping


def settled_data(
    event_type: str, stated: Mapping[str, Any], *, identity: str, asked: object, reference: str | None = None
) -> dict[str, Any]:
    """Return the data of the accepted reply that states this result.

    ``identity`` is what the submission was sent under, ``asked`` the data of its event. ``reference``, what the system
    itself called it, stands in where the person names nothing. Raises ContractViolation, and KeyError for a type
    without a contract.
    """
    contract = EVENT_TYPES[event_type]
    if contract.reference is not None and reference is not None:
        stated = {contract.reference: reference, **stated}
    known = contract.known(identity, asked)
    problems = [_other(name) for name, value in known.items() if stated.get(name, value) != value]
    data = {**stated, **known}
    # What a person states is held to the forms of events too: the results' own models take what a system says.
    for model, given in ((contract.stated, stated), (contract.result, data)):
        if model is None:
            continue
        try:
            model.model_validate(given, by_alias=True, by_name=False)
        except ValidationError as error:
            problems += field_problems(error)
    if problems:
        raise ContractViolation(tuple(dict.fromkeys(problems)))
    return data


def _other(name: str) -> Problem:
    message = "Give the one that the submission has: this one is another's."
    return Problem(f"$.data.{name}", "same-record", message)
