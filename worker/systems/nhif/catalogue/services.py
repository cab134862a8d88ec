"""The services of NHIF that this worker can ask: what the address, the parameters and the document of each are."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

from contracts.immutable import immutable
from worker.systems.port import Recovery

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contracts.problems import Problem
    from worker.linear_pattern import LinearPattern


class Method(StrEnum):
    """GET for lists and reports, POST for requests and documents (the specification, 3)."""

    GET = "GET"
    POST = "POST"


class Kind(StrEnum):
    """What a parameter is in JSON, and so how it is written in the address."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"


class Media(StrEnum):
    """The form of an answer or of a document; the catalogue expects no answer of the last two."""

    ANY = "any"
    JSON = "json"
    XML = "xml"
    BINARY = "binary"
    MULTIPART = "multipart"


class Place(StrEnum):
    """The place of a parameter in the address."""

    PATH = "path"
    QUERY = "query"


@immutable
class Parameter:
    """One parameter of the address. ``pattern`` and ``max_length`` are of texts only."""

    name: str
    kind: Kind
    required: bool = True
    pattern: LinearPattern | None = None
    max_length: int | None = None
    place: Place = Place.PATH


class DocumentSchema(Protocol):
    """What a document must fit."""

    def quick_problems(self, document: object) -> list[Problem] | None:
        """Return what `problems` returns; None where that takes too long for the event loop."""

    def problems(self, document: object) -> list[Problem]:
        """Return all that is wrong with it: parsed JSON, or XML's root element. It may compute for seconds."""


@immutable
class Document:
    """What a service takes by POST. ``content_type`` is None where the form's usual one serves."""

    media: Media = Media.ANY
    content_type: str | None = None
    schema: DocumentSchema | None = None


class Key(NamedTuple):
    """What names a service, as in its address."""

    module: str
    version: str
    service: str

    def __str__(self) -> str:
        return "/".join(self)


@immutable
class Service:
    """One service. ``document`` is None for GET; ``recovery`` is what its unknown outcomes follow."""

    key: Key
    method: Method
    parameters: tuple[Parameter, ...] = ()
    document: Document | None = None
    recovery: Recovery = Recovery.HOLD
    answer: Media = Media.ANY


class Catalogue:
    """The services by what names them; of two with one name the later one counts."""

    def __init__(self, services: Iterable[Service]) -> None:
        self._services = {service.key: service for service in services}

    def get(self, key: Key) -> Service | None:
        """Return the service, or None where the catalogue does not have it."""
        return self._services.get(key)
