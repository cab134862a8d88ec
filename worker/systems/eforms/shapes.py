"""How each model of a stated request is read from elements: its fields, and the elements' names. Computed once."""

from __future__ import annotations

from enum import Enum, auto
from functools import cache
from typing import get_args, get_type_hints

from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from contracts.eforms.notifications import InlineContent
from contracts.files import FileReference
from contracts.immutable import immutable

_ELEMENTS = {
    "requestUri": "requestURI",
    "authorizationUri": "authorizationURI",
    "languages": "language",
    "identifiers": "identifier",
    "taxes": "tax",
    "processTimes": "processTime",
    "alternativeNames": "alternativeName",
    "citizenships": "citizenship",
    "contactPoints": "contactPoint",
    "communicationChannels": "communicationChannel",
    "attachedDocuments": "attachedDocument",
    "content": "attached_document",
}
"""The elements whose names are not those of the contract's fields: several of one element have one plural name."""
_AS_XML = "specific_content"


class Kind(Enum):
    """What an element becomes."""

    TEXT = auto()
    FLAG = auto()
    XML = auto()
    CONTENT = auto()
    MODEL = auto()


@immutable
class Part:
    """One field of a model: the element that it is read from, and what that becomes."""

    field: str
    element: str
    kind: Kind
    several: bool = False
    model: type[BaseModel] | None = None


@cache
def parts_of(model: type[BaseModel]) -> tuple[Part, ...]:
    """Return how the fields of a model are read; those for files are none, as no element has them."""
    hints = get_type_hints(model, include_extras=True)
    found = ((name, *_type_of(hints[name])) for name in model.model_fields)
    return tuple(_part(name, kind, several) for name, kind, several in found if kind is not FileReference)


def _type_of(hint: object) -> tuple[type, bool]:
    """Return the type of a field without "or None", and whether there are several of it."""
    members = [one for one in get_args(hint) if one not in {type(None), Ellipsis}]
    if getattr(hint, "__origin__", None) is tuple:
        return members[0], True
    found = members[0] if members else hint
    assert isinstance(found, type)  # noqa: S101 - the models have no other fields
    return found, False


def _part(name: str, kind: type, several: bool) -> Part:  # noqa: FBT001 - one of three facts
    alias = to_camel(name)
    element = _ELEMENTS.get(alias, alias)
    if name == _AS_XML:
        return Part(name, element, Kind.XML)
    if kind is InlineContent:
        return Part(name, element, Kind.CONTENT)
    if issubclass(kind, BaseModel):
        return Part(name, element, Kind.MODEL, several, kind)
    return Part(name, element, Kind.FLAG if kind is bool else Kind.TEXT, several)
