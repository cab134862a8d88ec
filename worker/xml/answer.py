"""XML that a system answered, in the encoding in which it came: read as UTF-8, within the bounds of `safe`."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from worker.text_encoding import text_of
from worker.xml import safe

if TYPE_CHECKING:
    from lxml import etree

log = logging.getLogger(__name__)

_BEFORE = re.compile(r"[ \t\r\n\ufeff]++(?=<\?xml\s)")
_ENCODING = re.compile(
    r"""\A(<\?xml\s[^<>]{0,200}?)\s+encoding\s*=\s*(["'])(?!(?i:utf-8)\2)\s*[\w.:+-]{1,40}\s*\2"""
)
_WIDEST = 3
"""Bytes of UTF-8 that one byte of another encoding becomes at most."""


def parse_answer(
    data: bytes,
    charset: str | None,
    *,
    max_bytes: int,
    max_depth: int = 32,
    max_parts: int = safe.MAX_PARTS,
    long_texts: bool = False,
) -> etree._Element:
    """Return the root element. ``charset`` is the header's. Raises UnsafeXml or NotXml, as `safe.parse` does.

    White space before the XML declaration is passed over, where that is all that is wrong, and a log line says so.
    """
    if len(data) > max_bytes:
        raise safe.UnsafeXml(f"The XML has {len(data)} bytes; at most {max_bytes} are read.")
    text = _text(data, charset)
    root = safe.parse(
        _as_utf_8(text),
        max_bytes=max_bytes * _WIDEST,
        max_depth=max_depth,
        max_parts=max_parts,
        long_texts=long_texts,
    )
    if _BEFORE.match(text):
        log.info("an answer had white space before its XML declaration, which was ignored")
    return root


def as_utf_8(data: bytes, charset: str | None) -> bytes:
    """Return the very bytes that `parse_answer` parses. Raises NotXml."""
    return _as_utf_8(_text(data, charset))


def _text(data: bytes, charset: str | None) -> str:
    text = text_of(data, charset)
    if text is None:
        raise safe.NotXml("The XML has an unknown encoding.")
    return text


def _as_utf_8(text: str) -> bytes:
    """Write it without what stands before its declaration, and without the encoding declared there, which was left."""
    if before := _BEFORE.match(text):
        text = text[before.end() :]
    # Not `sub`: it tries the pattern, which fits the beginning alone, at each character.
    if declared := _ENCODING.match(text):
        text = declared[1] + text[declared.end() :]
    return text.encode()
