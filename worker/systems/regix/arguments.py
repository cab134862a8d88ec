"""The argument of an operation as an element: built by the shipped schema of its shape, or the operator's own XML.

An argument that is no part of the event's contract can only be XML, which is parsed safely, and checked by the
operator's schema where there is one.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from contracts.problems import Problem
from contracts.reasons import Reason
from worker.configuration_error import ConfigurationError
from worker.systems.port import Refused
from worker.systems.regix.catalogue import FOLDER
from worker.xml import safe
from worker.xml.builder import NoSuchElement, build_element
from worker.xml.compiled import CompiledSchema, compile_schema
from worker.xml.folder import XSD, SchemaFolder
from worker.xml.on_demand import OnDemand
from worker.xml.plan import compile_plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from lxml import etree

    from contracts.regix.requests import Argument, RequestReport
    from worker.systems.regix.catalogue import Entry
    from worker.xml.plan import Slot

XML_PATH = "$.data.xml"
_SHIPPED = FOLDER / "arguments"
_LARGEST = 8 * 1024 * 1024
"""Bytes of XML; events are smaller than that in any configuration that makes sense."""
_DEEPEST = 100


@immutable
class Shape:
    """How an argument whose shape is known is built: by its plan, and checked by its schema."""

    compiled: CompiledSchema
    plan: Slot

    def build(self, argument: Argument) -> etree._Element:
        """Return the argument in the order of its schema. Raises Refused where it has no place for a field."""
        try:
            return build_element(
                self.plan,
                _values(argument),
                {None: self.compiled.root.target_namespace},  # type: ignore[dict-item]
            )
        except NoSuchElement as error:
            message = "Remove what the operation does not take, by the rule `argument`."
            raise Refused(Reason.SCHEMA_VIOLATION, [Problem("$.data.argument", "schema", message)]) from error

    def check(self, element: etree._Element) -> None:
        """Raise Refused with every breach of the schema."""
        _check(self.compiled, element, "$.data.argument")


class OwnSchemas:
    """The operator's schemas of arguments, by the operations' short names. For one thread at a time."""

    def __init__(self, compiled: Mapping[str, CompiledSchema]) -> None:
        self._compiled = compiled

    def __contains__(self, name: str) -> bool:
        """Whether there is a schema for this operation."""
        return name in self._compiled

    def check(self, name: str, element: etree._Element, path: str) -> None:
        """Raise Refused with every breach of the operator's schema; ``path`` is the argument's place in the event."""
        _check(self._compiled[name], element, path)


def load_shapes(entries: Iterable[Entry]) -> Mapping[str, Shape]:
    """Return how the arguments of these operations are built, by short name."""
    files = {entry.name: entry.argument for entry in entries if entry.argument is not None}
    return OnDemand(files, lambda name: _shape(files[name]))


@cache
def _shape(file: str) -> Shape:
    """Compile a shipped schema, some 30 ms: once for all who use it in this process."""
    compiled = _compile(SchemaFolder(_SHIPPED), _SHIPPED / file)
    return Shape(compiled, compile_plan(compiled.root, {})[0])


def load_own_schemas(directory: Path | None, names: Iterable[str]) -> OwnSchemas:
    """Compile the schemas in the operator's folder that are named by an operation. Raises ConfigurationError."""
    if directory is None:
        return OwnSchemas({})
    if not directory.is_dir():
        raise ConfigurationError(f"argument_schemas: {directory} is no folder")
    folder = SchemaFolder(directory)
    files = {name: folder.directory / f"{name}.xsd" for name in names}
    found = {name: file for name, file in files.items() if file.is_file()}
    if not found:
        raise ConfigurationError(
            f"argument_schemas: {directory} has no schema that is named by an operation, as ValidPersonSearch.xsd"
        )
    problems: list[str] = []
    compiled: dict[str, CompiledSchema] = {}
    for name, file in found.items():
        try:
            compiled[name] = _compile(folder, file)
        except ConfigurationError as bad:
            problems += bad.under("argument_schemas").problems
    if problems:
        raise ConfigurationError(*problems)
    return OwnSchemas(compiled)


def element_of(entry: Entry, shapes: Mapping[str, Shape], data: RequestReport) -> etree._Element:
    """Return the argument, unchecked. Raises Refused where it is no XML, or its shape is not known."""
    if data.argument is None:
        return _parsed((data.xml or "").encode())
    shape = shapes.get(entry.name)
    if shape is None:
        message = "Give xml in place of it: the settings have this operation under another full name."
        raise Refused(Reason.CONTRACT_VIOLATION, [Problem("$.data.argument", "argument", message)])
    return shape.build(data.argument)


def _values(argument: Argument) -> dict[str, str | None]:
    day = argument.search_date
    return {
        "EGN": argument.egn,
        "SearchDate": None if day is None else day.isoformat(),
        "Identifier": argument.identifier,
        "IdentifierType": argument.identifier_type,
        "MedicinalProductIdentifier": argument.medicinal_product_identifier,
    }


def _parsed(content: bytes) -> etree._Element:
    try:
        return safe.parse(content, max_bytes=_LARGEST, max_depth=_DEEPEST)
    except safe.RefusedXml as error:
        problem = Problem(XML_PATH, "xml", f"Correct the argument. {error}")
        raise Refused(Reason.CONTRACT_VIOLATION, [problem]) from None


def _check(compiled: CompiledSchema, element: etree._Element, path: str) -> None:
    # Validated alone: within a message lxml would look for the schema's root at the message's.
    problems = compiled.problems(element)
    if problems:
        message = "Correct the argument by the operation's schema."
        raise Refused(
            Reason.SCHEMA_VIOLATION, [Problem(path, "schema", f"{message} {found}.") for found in problems]
        )


def _compile(folder: SchemaFolder, file: Path) -> CompiledSchema:
    """Compile a schema for any of the elements that the file declares. Raises ConfigurationError."""
    if problems := folder.check(file):
        raise ConfigurationError.of(problems)
    declared = safe.parse(folder.source(file), max_bytes=_LARGEST, max_depth=_DEEPEST).find(f"{XSD}element")
    name = None if declared is None else declared.get("name")
    compiled = compile_schema(folder, file, str(name or "of its own"))
    if not isinstance(compiled, CompiledSchema):
        raise ConfigurationError.of(compiled)
    return compiled
