"""The two schemas of eForms, compiled: how a request is judged, and how an answer is built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas import shipped
from worker.configuration_error import ConfigurationError
from worker.xml.compiled import CompiledSchema, compile_schema
from worker.xml.folder import SchemaFolder
from worker.xml.plan import Slot, compile_plan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from worker.xml.plan import Content

REQUEST, RESPONSE = "ServiceRequest", "ServiceRequestResponse"
"""The roots; each schema's file has the name of its root."""


@dataclass(frozen=True, slots=True, repr=False)
class Schemas:
    """For one thread at a time: lxml keeps its last errors. ``names``: every element that a request may have."""

    request: CompiledSchema
    names: frozenset[str]
    response: CompiledSchema
    plan: Slot

    @classmethod
    def load(cls, directory: Path | None = None) -> Schemas:
        """Compile the schemas in the folder, by default those that ship; some 300 ms. Raises ConfigurationError."""
        folder = SchemaFolder(directory or shipped("eforms"))
        compiled = {
            root: compile_schema(folder, folder.directory / f"{root}.xsd", root)
            for root in (REQUEST, RESPONSE)
        }
        problems = [
            one for found in compiled.values() if not isinstance(found, CompiledSchema) for one in found
        ]
        if problems:
            raise ConfigurationError.of(problems).under("schema_dir")
        request, response = (one for one in compiled.values() if isinstance(one, CompiledSchema))
        names = frozenset(_names(compile_plan(request.root, {})[0], set()))
        return cls(request, names, response, compile_plan(response.root, {})[0])


def _names(slot: Slot, seen: set[int]) -> Iterator[str]:
    """Yield the names of an element and of all inside it; a type may hold itself."""
    yield slot.name
    content: Content = slot.content
    if id(content) in seen:
        return
    seen.add(id(content))
    for order in content.orders:
        for inner in order:
            yield from _names(inner, seen)
