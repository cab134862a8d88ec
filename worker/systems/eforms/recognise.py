"""Where in an opened message a request for a service is: in an XML file, in a field, or nowhere. Pure."""

from __future__ import annotations

import re
from dataclasses import field
from typing import TYPE_CHECKING

from lxml import etree

from contracts.immutable import immutable
from worker.systems.eforms.schemas import REQUEST
from worker.systems.lookalikes import latin
from worker.systems.ssev.opened import LARGEST_READ
from worker.xml.answer import parse_answer
from worker.xml.safe import RefusedXml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.files import FileReference
    from worker.systems.ssev.opened import OpenedFile, OpenedMessage

_XML_TYPES = frozenset({"application/xml", "text/xml"})
_LARGEST = 4 * LARGEST_READ
"""Bytes: of a file fewer come here; of a field, the contract's own bound counts."""
_DEEPEST = 48
"""Elements: those of a request itself are nested seven deep; the free content may be deeper."""
_MOST_PARTS = 20_000
"""Tags and attributes: a request has some hundreds."""
_SNIFFED = 4096
_ROOT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)[\s>/]")
_PROLOG = re.compile(r"\A\ufeff?(?:\s++|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>]*+>)*+", re.DOTALL)


@immutable
class Source:
    """A file or a field that may hold a request."""

    content: bytes = field(repr=False)
    file: FileReference | None = field(default=None, repr=False)
    field_id: str | None = None


@immutable
class Found:
    """A source that holds a request: its root, or why it could not be read (a sentence without its content)."""

    source: Source
    root: etree._Element | None = field(repr=False)
    refused: str | None = None


def is_xml(file: OpenedFile) -> bool:
    """Whether a file claims to be XML, by its type or its name."""
    kind = (file.media_type or "").partition(";")[0].strip().lower()
    return kind in _XML_TYPES or kind.endswith("+xml") or (file.name or "").lower().endswith(".xml")


def sources(message: OpenedMessage) -> Iterator[Source]:
    """Yield what may hold a request: the files whose bytes are there, then the fields that look like XML."""
    for file in message.files:
        if file.content is not None:
            yield Source(file.content, file=file.reference)
    for name, text in message.fields.items():
        if isinstance(text, str) and text.lstrip("\ufeff \t\r\n").startswith("<"):
            yield Source(text.encode("utf-8", "surrogatepass"), field_id=name)


def request_in(source: Source) -> Found | None:
    """Return the request that a source holds; None where it holds something else."""
    try:
        root = parse_answer(
            source.content,
            None,
            max_bytes=_LARGEST,
            max_depth=_DEEPEST,
            max_parts=_MOST_PARTS,
            long_texts=True,
        )
    except RefusedXml as refused:
        return Found(source, None, str(refused)) if _begins_as_request(source.content) else None
    return Found(source, root) if latin(etree.QName(root).localname) == REQUEST else None


def _begins_as_request(content: bytes) -> bool:
    """Whether what is no readable XML begins as a request does."""
    start = content[:_SNIFFED].replace(b"\0", b"").decode("utf-8", "replace").lstrip("\ufffd")
    prolog = _PROLOG.match(start)
    root = _ROOT.match(start, prolog.end() if prolog else 0)
    return root is not None and latin(root[1]) == REQUEST
