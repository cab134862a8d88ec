"""From what the register shows to the members that a model of the contract names, whatever letters they come in. Total.

A member that the model does not name, or whose value is of another type than the model's, is left out: the answer
itself is in the reply and in the journal.
"""

from __future__ import annotations

from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

from contracts.model import ContractModel
from worker.systems.erx.envelope import named

if TYPE_CHECKING:
    from collections.abc import Mapping


def typed(model: type[ContractModel], value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of ``value`` that the model names and that are of its types, under the model's names."""
    found = {}
    for name, field in model.model_fields.items():
        alias = field.alias or name
        given = named(dict(value), alias.lower())
        fitting = _fitting(field.annotation, given[0]) if len(given) == 1 else None
        if fitting is not None:
            found[alias] = fitting
    return found


def _fitting(wanted: Any, value: object) -> Any:
    """Return the value as the type has it; None where it is of another type."""
    kind = get_origin(wanted)
    if kind in {Union, UnionType}:
        (inner,) = (one for one in get_args(wanted) if one is not NoneType)
        return _fitting(inner, value)
    if kind is tuple:
        return _items(get_args(wanted)[0], value)
    if kind is Literal:
        return value if value in get_args(wanted) else None
    if issubclass(wanted, ContractModel):
        return typed(wanted, value) if isinstance(value, dict) else None
    return _scalar(wanted, value)


def _items(wanted: Any, value: object) -> list[Any] | None:
    if not isinstance(value, list):
        return None
    return [one for one in (_fitting(wanted, item) for item in value) if one is not None]


def _scalar(wanted: type, value: object) -> Any:
    if isinstance(value, bool) or wanted is bool:
        return value if wanted is bool and isinstance(value, bool) else None
    if wanted is str and isinstance(value, int):
        return str(value)
    if wanted is float:
        return value if isinstance(value, int | float) else None
    return value if isinstance(value, wanted) else None
