"""The operator's schemas of documents: JSON Schema or XSD, from the catalogue's folder and from nowhere else.

A breach is told by path and rule, never by a value of the document.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from lxml import etree

from contracts.problems import Problem
from worker.configuration_error import ConfigurationError
from worker.json_schema import (
    FEW_STEPS,
    MOST_STEPS,
    Inapplicable,
    JsonSchema,
    Unfinished,
    schema_problems,
)
from worker.systems.nhif.catalogue.services import DocumentSchema, Media
from worker.xml.compiled import CompiledSchema, compile_schema
from worker.xml.folder import SchemaFolder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jsonschema.exceptions import ValidationError

XML_PATH = "$.data.xml"
JSON_PATH = "$.data.json"
_TOO_COSTLY = (
    f"Shorten the document, or divide it: to check it by the service's schema takes more than {MOST_STEPS} steps. "
    "Inform the operator if other documents of this size pass: a schema that branches at each level needs many steps."
)
_LONGEST_RULE = 200
_TELLABLE = re.compile(r"[A-Za-z_]{1,40}")


class JsonDocuments:
    """A JSON Schema, for documents in JSON."""

    def __init__(self, schema: JsonSchema) -> None:
        self._schema = schema

    def problems(self, document: object) -> list[Problem]:
        """Return every breach, the first of very many."""
        try:
            return self._problems(document, MOST_STEPS)
        except Unfinished:
            return [Problem(JSON_PATH, "schema", _TOO_COSTLY)]

    def quick_problems(self, document: object) -> list[Problem] | None:
        """Return every breach, where a few steps find them."""
        try:
            return self._problems(document, FEW_STEPS)
        except Unfinished:
            return None

    def _problems(self, document: object, steps: int) -> list[Problem]:
        try:
            found = self._schema.breaches(document, steps)
        except Inapplicable:
            return [
                Problem(JSON_PATH, "schema", "Inform the operator: the service's schema cannot be applied.")
            ]
        return list(dict.fromkeys(problem for error in found for problem in _problems(error)))


class XmlDocuments:
    """An XSD, for documents with one root element."""

    def __init__(self, compiled: CompiledSchema, root: str) -> None:
        self._compiled = compiled
        self._root = root

    def quick_problems(self, document: object) -> list[Problem] | None:
        """Return an empty list for a valid document: what is wrong with another takes xmlschema to say."""
        assert isinstance(document, etree._Element)  # noqa: S101, SLF001 - the catalogue pairs form and schema
        valid = etree.QName(document).localname == self._root and self._compiled.validator.validate(document)
        return [] if valid else None

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
    """Load and check a schema file. Raises ConfigurationError."""
    if media is Media.XML:
        return _load_xsd(folder, name, root or "")
    document = _load_json(folder / name, name)
    if problems := schema_problems(document):
        raise ConfigurationError(*problems).under(name)
    return JsonDocuments(JsonSchema(document))


def _load_xsd(folder: Path, name: str, root: str) -> XmlDocuments:
    compiled = compile_schema(SchemaFolder(folder), folder.absolute() / name, root)
    if not isinstance(compiled, CompiledSchema):
        raise ConfigurationError.of(compiled)
    return XmlDocuments(compiled, root)


def _load_json(path: Path, name: str) -> Any:
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"{name} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise ConfigurationError(f"{name} is not JSON") from None


def _problems(error: ValidationError) -> Iterator[Problem]:
    path = _path(error)
    if error.validator == "required" and isinstance(error.instance, dict):
        for name in error.validator_value:
            if name not in error.instance:
                yield Problem(
                    f"{path}.{name}", "required", "Give this field: the service's schema requires it."
                )
    else:
        yield Problem(path, "schema", f"Correct it by the service's schema: {_rule(error)}.")


def _rule(error: ValidationError) -> str:
    """Quote the schema, never the document."""
    if error.validator is None:  # the schema is `false`
        return "nothing may stand here"
    text = json.dumps(error.validator_value, ensure_ascii=False)
    simple = not isinstance(error.validator_value, dict) and len(text) <= _LONGEST_RULE
    return f"{error.validator} {text}" if simple and "{" not in text else f"the keyword {error.validator}"


def _path(error: ValidationError) -> str:
    """Return the JSON path; names that the schema does not have are the sender's own text, and are left out."""
    known = set(map(str, error.absolute_schema_path))
    parts = [
        f"[{part}]" if isinstance(part, int)
        else f".{part}" if part in known or _TELLABLE.fullmatch(part)
        else ".?"
        for part in error.absolute_path
    ]  # fmt: skip
    return JSON_PATH + "".join(parts)
