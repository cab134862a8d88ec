"""The operator's schemas of documents: JSON Schema or XSD, from the catalogue's folder and from nowhere else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lxml import etree

from contracts.problems import Problem
from worker.systems.nhif.catalogue import DocumentSchema, Media
from worker.systems.nhif.json_schema import JsonSchema, schema_problems
from worker.xml.compiled import CompiledSchema, compile_schema
from worker.xml.folder import SchemaFolder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

XML_PATH = "$.data.xml"


class BadSchema(Exception):
    """A schema cannot be used; carries every problem as a sentence."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class XmlSchema:
    """An XSD, for documents with one root element."""

    def __init__(self, compiled: CompiledSchema, root: str) -> None:
        self._compiled = compiled
        self._root = root

    def problems(self, document: object) -> list[Problem]:
        """Return every breach, without the document's values."""
        assert isinstance(document, etree._Element)  # noqa: S101, SLF001 - the catalogue pairs form and schema
        if etree.QName(document).localname != self._root:
            return [Problem(XML_PATH, "schema", f"Give a document whose root element is {self._root}.")]
        return [
            Problem(XML_PATH, "schema", f"Correct the document by the service's schema. {problem}.")
            for problem in self._compiled.problems(document)
        ]


def load_schema(folder: Path, name: str, media: Media, root: str | None) -> DocumentSchema:
    """Load and check a schema file. Raises BadSchema."""
    if media is Media.XML:
        return _load_xsd(folder, name, root or "")
    document = _load_json(folder / name, name)
    if problems := schema_problems(document):
        raise BadSchema(f"{name}: {problem}" for problem in problems)
    return JsonSchema(document)


def _load_xsd(folder: Path, name: str, root: str) -> XmlSchema:
    compiled = compile_schema(SchemaFolder(folder), folder.absolute() / name, root)
    if not isinstance(compiled, CompiledSchema):
        raise BadSchema(map(str, compiled))
    return XmlSchema(compiled, root)


def _load_json(path: Path, name: str) -> Any:
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise BadSchema([f"{name} cannot be read: {error.strerror}"]) from None
    except (ValueError, RecursionError):
        raise BadSchema([f"{name} is not JSON"]) from None
