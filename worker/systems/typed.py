"""From what a system shows to the members that a model of the contract names. Total.

A member that the model does not name, or whose value is of another type than the model's, is left out: the answer
itself is in the reply and in the journal.
"""

from __future__ import annotations

from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

from contracts.model import ContractModel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Members = Callable[[dict[str, Any], str], list[Any]]
    Fitting = Callable[[object, Members], Any]


def by_name(value: dict[str, Any], name: str) -> list[Any]:
    """Return the member of exactly this name."""
    return [value[name]] if name in value else []


def typed(model: type[ContractModel], value: Mapping[str, Any], members: Members = by_name) -> dict[str, Any]:
    """Return the members of ``value`` that the model names and that are of its types, under the model's names.

    ``members`` finds those of a name in an object: of a name that is there twice, none counts.
    """
    found, shown = {}, dict(value)
    for alias, fitting in _fields(model):
        given = members(shown, alias)
        if len(given) == 1 and (one := fitting(given[0], members)) is not None:
            found[alias] = one
    return found


@cache
def _fields(model: type[ContractModel]) -> tuple[tuple[str, Fitting], ...]:
    """Return the names of a model's members, each with what makes a value of its type: a long list has very many."""
    return tuple(
        (field.alias or name, _fitting(field.annotation)) for name, field in model.model_fields.items()
    )


def _fitting(wanted: Any) -> Fitting:
    """Return what returns a value as the type has it, and None where it is of another type."""
    kind = get_origin(wanted)
    if kind in {Union, UnionType}:
        (inner,) = (one for one in get_args(wanted) if one is not NoneType)
        return _fitting(inner)
    if kind is tuple:
        item = _fitting(get_args(wanted)[0])
        return lambda value, members: _each(item, value, members)
    if kind is Literal:
        allowed = get_args(wanted)
        return lambda value, _: value if value in allowed else None
    if issubclass(wanted, ContractModel):
        return lambda value, members: typed(wanted, value, members) if isinstance(value, dict) else None
    return lambda value, _: _scalar(wanted, value)


def _each(item: Fitting, value: object, members: Members) -> list[Any] | None:
    if not isinstance(value, list):
        return None
    return [one for one in (item(inner, members) for inner in value) if one is not None]


def _scalar(wanted: type, value: object) -> Any:
    if isinstance(value, bool) or wanted is bool:
        return value if wanted is bool and isinstance(value, bool) else None
    if wanted is str and isinstance(value, int):
        return str(value)
    if wanted is float:
        return value if isinstance(value, int | float) else None
    return value if isinstance(value, wanted) else None
