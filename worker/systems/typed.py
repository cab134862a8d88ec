"""From what a system shows to the members that a model of the contract names. Total.

A member that the model does not name, or whose value is of another type than the model's, is left out: the answer
itself is in the reply and in the journal.
"""

from __future__ import annotations

from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

from contracts.model import ContractModel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Members = Callable[[dict[str, Any], str], list[Any]]


def by_name(value: dict[str, Any], name: str) -> list[Any]:
    """Return the member of exactly this name."""
    return [value[name]] if name in value else []


def typed(model: type[ContractModel], value: Mapping[str, Any], members: Members = by_name) -> dict[str, Any]:
    """Return the members of ``value`` that the model names and that are of its types, under the model's names.

    ``members`` finds those of a name in an object: of a name that is there twice, none counts.
    """
    found, shown = {}, dict(value)
    for name, field in model.model_fields.items():
        alias = field.alias or name
        given = members(shown, alias)
        fitting = _fitting(field.annotation, given[0], members) if len(given) == 1 else None
        if fitting is not None:
            found[alias] = fitting
    return found


def _fitting(wanted: Any, value: object, members: Members) -> Any:
    """Return the value as the type has it; None where it is of another type."""
    kind = get_origin(wanted)
    if kind in {Union, UnionType}:
        (inner,) = (one for one in get_args(wanted) if one is not NoneType)
        return _fitting(inner, value, members)
    if kind is tuple:
        inside = value if isinstance(value, list) else ()
        fitting = (_fitting(get_args(wanted)[0], item, members) for item in inside)
        return [one for one in fitting if one is not None] if isinstance(value, list) else None
    if kind is Literal:
        return value if value in get_args(wanted) else None
    if issubclass(wanted, ContractModel):
        return typed(wanted, value, members) if isinstance(value, dict) else None
    return _scalar(wanted, value)


def _scalar(wanted: type, value: object) -> Any:
    if isinstance(value, bool) or wanted is bool:
        return value if wanted is bool and isinstance(value, bool) else None
    if wanted is str and isinstance(value, int):
        return str(value)
    if wanted is float:
        return value if isinstance(value, int | float) else None
    return value if isinstance(value, wanted) else None
