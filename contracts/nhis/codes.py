"""The codes that an event holds, each with its nomenclature: declared beside the fields, read here."""

from __future__ import annotations

from dataclasses import field
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel

from contracts.immutable import immutable
from contracts.nhis.fields import Coded
from contracts.nhis.immunization import Immunization

VACCINE_LOTS = "C004"
"""The list of vaccine lots has no CL number; it goes by the message that brings it."""


@immutable
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
    found: list[CodeUse] = []
    _collect(model, "$.data", found)
    return found


def _collect(model: BaseModel, path: str, found: list[CodeUse]) -> None:
    for name, here, list_id in _coded_fields(type(model), path):
        value = getattr(model, name)
        if list_id is not None and isinstance(value, str):
            found.append(CodeUse(here, list_id, value))
        elif isinstance(value, BaseModel):
            _collect(value, here, found)
        elif isinstance(value, tuple):
            _collect_each(value, here, list_id, found)
    if isinstance(model, Immunization) and model.lot_number is not None:
        code = lot_code(model.vaccine_code, model.lot_number)
        found.append(CodeUse(f"{path}.lotNumber", VACCINE_LOTS, code))


def _collect_each(items: tuple[Any, ...], path: str, list_id: str | None, found: list[CodeUse]) -> None:
    for index, item in enumerate(items):
        here = f"{path}[{index}]"
        if list_id is not None:
            found.append(CodeUse(here, list_id, item))
        else:
            _collect(item, here, found)


# No more paths than the contracts let lists be long.
@cache
def _coded_fields(kind: type[BaseModel], path: str) -> tuple[tuple[str, str, str | None], ...]:
    """Return the fields of a model that are codes, or hold models with codes: name, path, and the code's list."""
    found = []
    for name, info in kind.model_fields.items():
        lists = [one.list_id for one in info.metadata if isinstance(one, Coded)]
        if lists or _holds_codes(info.annotation):
            found.append((name, f"{path}.{info.alias or name}", lists[0] if lists else None))
    return tuple(found)


def _holds_codes(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return bool(_coded_fields(annotation, ""))
    return any(map(_holds_codes, get_args(annotation)))
