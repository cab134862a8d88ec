"""Parsing of XML that others wrote: bounded, UTF-8 only, no DTD, no entities, no network.

The exceptions say what is wrong and where, and never quote the content: it may be health data or a token.
"""

from __future__ import annotations

import codecs
import re
import threading
from functools import lru_cache

from lxml import etree

_DECLARATION = re.compile(
    rb"""<\?xml\s+version\s*=\s*["'](?P<version>1\.[0-9]+)["']"""
    rb"""(?:\s+encoding\s*=\s*["'](?P<encoding>[A-Za-z][\w.\-]*)["'])?"""
)
MAX_PARTS = 400_000
"""Tags and attributes: each costs up to 150 bytes of memory and 2 microseconds, however small the document is."""

_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
# Possessive: a prolog of any shape is passed in linear time.
_PROLOG = re.compile(rb"(?:\s++|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_HTML = re.compile(rb"<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE)


class RefusedXml(Exception):
    """The bytes were not read as XML; the message is a plain sentence without any of their content."""


class UnsafeXml(RefusedXml):
    """The bytes may be XML, but are too large, too deep, or carry a DTD."""


class NotXml(RefusedXml):
    """The bytes are not well-formed XML in UTF-8."""


class _Parsers(threading.local):
    """The parsers of a thread: to make one costs more than to parse a short answer, and none is used by two at once."""

    def __init__(self) -> None:
        self.usual, self.huge = _parser(huge=False), _parser(huge=True)


def _parser(*, huge: bool) -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8", resolve_entities=False, load_dtd=False, no_network=True, huge_tree=huge
    )


_parsers = _Parsers()


def own_document_parser() -> etree.XMLParser:
    """Return a parser for what this process has just written: as safe, without a limit of its own on the size."""
    return etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=True)


def parse(
    data: bytes,
    *,
    max_bytes: int,
    max_depth: int = 32,
    max_parts: int = MAX_PARTS,
    long_texts: bool = False,
) -> etree._Element:
    """Return the root element.

    ``max_bytes`` bounds the input, ``max_parts`` its tags and attributes, ``max_depth`` the nesting (at most 255, where
    libxml2 itself stops; every message of the systems we know is below ten). A declaration of XML 1.1 is read as 1.0:
    the samples of NHIS carry it (document D3), without using what 1.1 adds. Raises UnsafeXml or NotXml.
    """
    if len(data) > max_bytes:
        raise UnsafeXml(f"The XML has {len(data)} bytes; at most {max_bytes} are read.")
    text = _as_plain_utf8(data)
    _refuse_doctype(text)
    if len(text) > max_parts and text.count(b"<") + text.count(b"=") > max_parts:
        raise UnsafeXml(f"The XML has more than {max_parts} tags and attributes.")
    root = _parse(text, huge=long_texts)
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnsafeXml("The XML carries a DTD, which is never read.")
    # Each element has an end tag, but for those that hold nothing: few end tags are no great depth.
    if text.count(b"</") >= max_depth and _deeper_than(max_depth)(root):
        raise UnsafeXml(f"The XML is nested deeper than {max_depth} elements.")
    return root


def _as_plain_utf8(data: bytes) -> bytes:
    """Return the same text in UTF-8, without byte order mark, declared (if at all) as XML 1.0."""
    if data.startswith(_WIDE_MARKS) or b"\0" in data[:2]:
        raise NotXml("The XML is not in UTF-8 but in UTF-16 or UTF-32.")
    text = data.removeprefix(codecs.BOM_UTF8)
    if not text.strip():
        raise NotXml("There is no XML: the content is empty.")
    _check_encoding(text)
    declaration = _DECLARATION.match(text)
    if declaration is None:
        return text
    encoding = declaration["encoding"]
    if encoding is not None and encoding.lower() != b"utf-8":
        raise NotXml("The XML declares another encoding than UTF-8.")
    if declaration["version"] == b"1.0":
        return text
    return text[: declaration.start("version")] + b"1.0" + text[declaration.end("version") :]


def _check_encoding(text: bytes) -> None:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        # Not chained: the decoder's error carries the whole content.
        raise NotXml(f"The XML is not valid UTF-8 at byte {error.start}.") from None


def _refuse_doctype(text: bytes) -> None:
    """Refuse a DOCTYPE before libxml2 sees it: only comments and instructions may come before the root."""
    prolog = _PROLOG.match(text)
    start = 0 if prolog is None else prolog.end()
    if _HTML.match(text, start):
        raise NotXml("The content is an HTML page, not XML.")
    if text.startswith(b"<!DOCTYPE", start):
        raise UnsafeXml("The XML carries a DTD, which is never read.")


def _parse(text: bytes, *, huge: bool) -> etree._Element:
    try:
        return etree.fromstring(text, _parsers.huge if huge else _parsers.usual)
    except etree.XMLSyntaxError as error:
        deep = error.code == etree.ErrorTypes.ERR_RESOURCE_LIMIT  # type: ignore[attr-defined]  # not in stubs
        line = error.position[0]
    # Raised outside the handler: libxml2's message names elements and entities of the content.
    if deep:
        raise UnsafeXml(f"The XML is nested too deeply, or a part of it is too long (line {line}).")
    raise NotXml(f"The content is not well-formed XML (line {line}).")


@lru_cache(maxsize=8)
def _deeper_than(depth: int) -> etree.XPath:
    return etree.XPath(f"boolean({'/*' * (depth + 1)})")
