"""From an event's document to the bytes that leave: checked by the catalogue, changed in nothing. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from contracts.problems import Problem
from worker.systems.nhif.catalogue import Media
from worker.systems.nhif.schemas import XML_PATH
from worker.xml import safe

if TYPE_CHECKING:
    from contracts.nhif.requests import SubmitDocument
    from worker.systems.nhif.catalogue import Document

_LARGEST = 8 * 1024 * 1024
"""Bytes of XML; events are smaller than that in any configuration that makes sense."""
_DEEPEST = 100
CONTENT_TYPES = {Media.JSON: "application/json", Media.XML: "application/xml"}


class BadDocument(Exception):
    """The document does not fit the catalogue; carries every problem. ``by_schema``: the operator's schema says so."""

    def __init__(self, problems: list[Problem], *, by_schema: bool = False) -> None:
        super().__init__(f"{len(problems)} problem(s)")
        self.problems = tuple(problems)
        self.by_schema = by_schema


def written(document: Document, data: SubmitDocument) -> tuple[bytes, str]:
    """Return the bytes and their content type. Raises BadDocument."""
    media = Media.JSON if data.xml is None else Media.XML
    if document.media not in {Media.ANY, media}:
        message = f"Give the document as {document.media}: that is what the service takes."
        raise BadDocument([Problem(f"$.data.{media}", "media", message)])
    content = _json(data.json_body) if data.xml is None else data.xml.encode()
    parsed = data.json_body if data.xml is None else _parsed(content)
    if document.schema is not None and (problems := document.schema.problems(parsed)):
        raise BadDocument(problems, by_schema=True)
    return content, document.content_type or CONTENT_TYPES[media]


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _parsed(content: bytes) -> object:
    """Parse XML even where no schema asks for it: what is no safe XML is not sent as XML."""
    try:
        return safe.parse(content, max_bytes=_LARGEST, max_depth=_DEEPEST)
    except safe.RefusedXml as error:
        raise BadDocument([Problem(XML_PATH, "xml", f"Correct the document. {error}")]) from None
