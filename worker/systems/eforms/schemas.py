"""The two schemas of eForms, compiled: how a request is judged, and how an answer is built."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from schemas import shipped
from worker.configuration_error import ConfigurationError
from worker.xml.compiled import CompiledSchema, compile_schema
from worker.xml.folder import SchemaFolder
from worker.xml.plan import Slot, compile_plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from worker.xml.plan import Content

REQUEST, RESPONSE = "ServiceRequest", "ServiceRequestResponse"
"""The roots; each schema's file has the name of its root."""


class Schemas:
    """For one thread at a time: lxml keeps its last errors."""

    def __init__(self, directory: Path) -> None:
        """Compile nothing yet: it takes some 300 ms."""
        self._folder = SchemaFolder(directory)

    @classmethod
    def load(cls, directory: Path | None = None) -> Schemas:
        """Return the schemas in the folder, by default those that ship. Raises ConfigurationError.

        Those of an operator are compiled now, which tells their faults; the others at their first use.
        """
        if directory is None:
            return cls(shipped("eforms"))
        made = cls(directory)
        _ = made._compiled
        return made

    @cached_property
    def _compiled(self) -> Mapping[str, CompiledSchema]:
        folder = self._folder
        found = {
            root: compile_schema(folder, folder.directory / f"{root}.xsd", root)
            for root in (REQUEST, RESPONSE)
        }
        problems = [one for each in found.values() if not isinstance(each, CompiledSchema) for one in each]
        if problems:
            raise ConfigurationError.of(problems).under("schema_dir")
        return {root: each for root, each in found.items() if isinstance(each, CompiledSchema)}

    @property
    def request(self) -> CompiledSchema:
        """How a request is judged."""
        return self._compiled[REQUEST]

    @property
    def response(self) -> CompiledSchema:
        """How an answer is judged."""
        return self._compiled[RESPONSE]

    @cached_property
    def names(self) -> frozenset[str]:
        """Every element that a request may have."""
        return frozenset(_names(compile_plan(self.request.root, {})[0], set()))

    @cached_property
    def plan(self) -> Slot:
        """How an answer is built."""
        return compile_plan(self.response.root, {})[0]


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
