"""A bundle: a folder with one schema per message type, ours or the official one that an operator mounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.configuration_error import ConfigurationError
from worker.xml.compiled import CompiledSchema, compile_schema
from worker.xml.folder import BundleProblem, SchemaFolder
from worker.xml.message import MessageSchema
from worker.xml.plan import compile_plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


class SchemaBundle:
    """The compiled schemas of one system."""

    def __init__(self, compiled: Mapping[str, CompiledSchema], pattern: str, prefix: str) -> None:
        self._compiled = compiled
        self._pattern = pattern
        self._prefix = prefix
        self._messages: dict[tuple[str, frozenset[tuple[str, str]]], MessageSchema] = {}

    @classmethod
    def load(
        cls,
        directory: Path,
        *,
        pattern: str,
        prefix: str,
        root: str,
        types: Iterable[str],
        variant: str | None = None,
    ) -> SchemaBundle:
        """Compile the schemas of these message types, about 50 ms each.

        ``pattern`` is the file name with ``{type}`` in it, ``root`` the local name of every message's root,
        ``prefix`` the namespace prefix that built messages get. With a ``variant``,
        a schema ``NAME.VARIANT.xsd`` takes the place of ``NAME.xsd``. No file outside `directory` is read, and no
        network used. Raises ConfigurationError with every problem of every type.
        """
        folder = SchemaFolder(directory)
        results = {
            type_: compile_schema(folder, _entry(folder.directory, pattern.format(type=type_), variant), root)
            for type_ in types
        }
        problems = [result for result in results.values() if not isinstance(result, CompiledSchema)]
        if problems:
            raise ConfigurationError.of(problem for found in problems for problem in found)
        compiled = {type_: result for type_, result in results.items() if isinstance(result, CompiledSchema)}
        return cls(compiled, pattern, prefix)

    def message(self, type_: str, *, rename: Mapping[str, str] | None = None) -> MessageSchema:
        """Return the schema of a message type that was loaded (KeyError otherwise); compiled once.

        ``rename`` maps our local names to the schema's, for a bundle that calls an element otherwise: a key
        is a name, or ``parent/name``, with our name of the parent. Raises ConfigurationError where a target does not
        exist.
        """
        names = dict(rename or {})
        key = (type_, frozenset(names.items()))
        if key not in self._messages:
            self._messages[key] = self._compile(type_, names)
        return self._messages[key]

    def _compile(self, type_: str, rename: Mapping[str, str]) -> MessageSchema:
        compiled = self._compiled[type_]
        plan, used = compile_plan(compiled.root, rename)
        unused = sorted(rename.keys() - used)
        if unused:
            file = self._pattern.format(type=type_)
            raise ConfigurationError.of(
                BundleProblem(file, None, f"has no element {rename[key]}, to which {key} is renamed.")
                for key in unused
            )
        return MessageSchema(type_, compiled, plan, self._prefix)


def _entry(directory: Path, name: str, variant: str | None) -> Path:
    plain = directory / name
    varied = plain.with_suffix(f".{variant}{plain.suffix}")
    return varied if variant is not None and varied.is_file() else plain
