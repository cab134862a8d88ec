"""An entry of the catalogue as its file has it, and the rules between its fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from worker.linear_pattern import LinearPattern
from worker.setting_types import must_be
from worker.systems.nhif.catalogue.services import Key
from worker.systems.port import Recovery

if TYPE_CHECKING:
    from collections.abc import Iterator

# The pattern is that of the events' contract: a service that no event can name need not be listed.
_Part = Annotated[
    str,
    must_be(
        r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}",
        "at most 64 letters a-z, digits and . _ -, beginning with a letter or digit",
    ),
]
_Name = Annotated[
    str,
    must_be(r"[A-Za-z][A-Za-z0-9_]{0,63}", "at most 64 letters a-z, digits and _, beginning with a letter"),
]
_MediaType = Annotated[
    str,
    must_be(
        r"[a-z0-9.+-]+/[a-z0-9.+-]+( *; *[a-z]+=[A-Za-z0-9._-]+)*", "a media type, as in application/json"
    ),
]
_File = Annotated[
    str, must_be(r"(?!/)(?!.*\.\.).+", "the path of a file in the catalogue's folder or below, without ..")
]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class ParameterEntry(_Entry):
    """One parameter: a part of the path, in this order, or of the query."""

    name: _Name
    type: Literal["string", "integer", "number", "date", "boolean"]
    place: Annotated[Literal["path", "query"], Field(alias="in")] = "path"
    required: bool = True
    pattern: str | None = None
    max_length: Annotated[int, Field(ge=1, le=255)] | None = None

    @field_validator("pattern")
    @classmethod
    def _is_pattern(cls, value: str | None) -> str | None:
        LinearPattern(value or "")
        return value


class BodyEntry(_Entry):
    """The document that a service takes, and the operator's schema of it."""

    media: Literal["any", "json", "xml", "binary", "multipart"] = "any"
    content_type: _MediaType | None = None
    schema_file: Annotated[_File | None, Field(alias="schema")] = None
    root: str | None = None


class ServiceEntry(_Entry):
    """One service."""

    module: _Part
    version: _Part
    service: _Part
    method: Literal["GET", "POST"]
    parameters: list[ParameterEntry] = Field(default=[], max_length=20)
    body: BodyEntry | None = None
    recovery: Literal["repeat", "same-identity", "hold"] | None = None
    answer: Literal["any", "json", "xml"] = "any"

    @property
    def key(self) -> Key:
        """What names the service."""
        return Key(self.module, self.version, self.service)

    @property
    def rule(self) -> Recovery:
        """A GET reads; a POST is held unless its entry says what else is safe."""
        if self.method == "GET":
            return Recovery.REPEAT
        return Recovery(self.recovery or Recovery.HOLD)


def conflicts(entry: ServiceEntry) -> Iterator[tuple[str, str]]:
    """Yield each contradiction between fields, with the field that it is about."""
    if entry.method == "GET":
        if entry.body is not None:
            yield "body", "leave it out: a GET sends no document"
        if entry.recovery is not None:
            yield "recovery", "leave it out: a GET only reads, and is always repeated"
    elif entry.parameters:
        yield "parameters", "leave them out: only a GET has parameters (the specification, 3)"
    yield from _parameter_conflicts(entry.parameters)
    if entry.body is not None:
        yield from _body_conflicts(entry.body)


def _parameter_conflicts(parameters: list[ParameterEntry]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    optional: str | None = None
    for index, one in enumerate(parameters):
        where = f"parameters[{index}]"
        if one.name in seen:
            yield f"{where}.name", f"give each parameter a name of its own: {one.name} is there twice"
        seen.add(one.name)
        if one.place == "path":
            if one.required and optional is not None:
                yield (
                    f"{where}.required",
                    f"put it before {optional}: nothing required may follow an optional part",
                )
            if not one.required:
                optional = optional or one.name
        if one.type != "string":
            for field in ("pattern", "max_length"):
                if getattr(one, field) is not None:
                    yield f"{where}.{field}", "leave it out: only a parameter of type string has it"


def _body_conflicts(body: BodyEntry) -> Iterator[tuple[str, str]]:
    if body.media == "any" and body.content_type is not None:
        yield "body.content_type", "say first what the body's media is"
    if body.media == "multipart" and body.content_type is not None:
        yield "body.content_type", "leave it out: a multipart body names the boundary of its parts there"
    if body.media not in {"json", "xml"} and body.schema_file is not None:
        yield "body.schema", "say first whether the body's media is json or xml"
    xsd = body.media == "xml" and body.schema_file is not None
    if xsd and body.root is None:
        yield "body.root", "name the document's root element, which the schema must declare"
    if not xsd and body.root is not None:
        yield "body.root", "leave it out: it belongs to a body of media xml with a schema"
