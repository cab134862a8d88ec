"""The codes that an event holds, each with its nomenclature: declared beside the fields, read here."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel

from contracts.nhis.fields import Coded
from contracts.nhis.immunization import Immunization

if TYPE_CHECKING:
    from collections.abc import Iterator

VACCINE_LOTS = "C004"
"""The list of vaccine lots has no CL number; it goes by the message that brings it."""


@dataclass(frozen=True, slots=True)
class CodeUse:
    """One code in one event: where it stands, of which list it must be, and the code itself."""

    path: str
    list_id: str
    value: str = field(repr=False)


def lot_code(vaccine_code: str, lot_number: str) -> str:
    """Write vaccine and lot as one code of the list of vaccine lots; a vaccine code holds no ``|``."""
    return f"{vaccine_code}|{lot_number}"


def codes_of(model: BaseModel) -> list[CodeUse]:
    """List every code that the data of an event holds, in the order of its fields."""
    return list(_walk(model, "$.data"))


def _walk(model: BaseModel, path: str) -> Iterator[CodeUse]:
    for name, alias, list_id in _coded_fields(type(model)):
        value, here = getattr(model, name), f"{path}.{alias}"
        if list_id is not None:
            yield from _uses(list_id, value, here)
        else:
            for inner, place in _models(value, here):
                yield from _walk(inner, place)
    if isinstance(model, Immunization) and model.lot_number is not None:
        code = lot_code(model.vaccine_code, model.lot_number)
        yield CodeUse(f"{path}.lotNumber", VACCINE_LOTS, code)


@cache
def _coded_fields(kind: type[BaseModel]) -> tuple[tuple[str, str, str | None], ...]:
    """Return the fields of a model that are codes, or may hold models with codes: name, alias, and the code's list."""
    found = []
    for name, info in kind.model_fields.items():
        lists = [one.list_id for one in info.metadata if isinstance(one, Coded)]
        if lists or _may_hold_models(info.annotation):
            found.append((name, info.alias or name, lists[0] if lists else None))
    return tuple(found)


def _may_hold_models(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return True
    return any(map(_may_hold_models, get_args(annotation)))


def _models(value: object, path: str) -> Iterator[tuple[BaseModel, str]]:
    if isinstance(value, BaseModel):
        yield value, path
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            if isinstance(item, BaseModel):
                yield item, f"{path}[{index}]"


def _uses(list_id: str, value: object, path: str) -> Iterator[CodeUse]:
    if isinstance(value, str):
        yield CodeUse(path, list_id, value)
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield CodeUse(f"{path}[{index}]", list_id, item)
