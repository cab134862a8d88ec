"""Reading what a client sent: safe parsing, and values of NHIS's `<element value="…"/>` style."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from lxml import etree

from sandbox.nhis.errors import GENERAL, INVALID_ATTRIBUTE, Refused, StatedError

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMESPACE = "https://www.his.bg"
Element: TypeAlias = etree._Element  # noqa: SLF001 - lxml has no public name for it
MAX_BYTES = 1024 * 1024
_DECLARED_ENCODING = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")


class Message:
    """A parsed message; paths are element names below `contents`, joined by slashes."""

    def __init__(self, root: Element) -> None:
        self.root = root

    @property
    def type(self) -> str:
        """The header's messageType, or an empty text."""
        return self.header("messageType")

    @property
    def id(self) -> str:
        """The header's messageId, or an empty text."""
        return self.header("messageId")

    def header(self, name: str) -> str:
        """Return a header value, or an empty text."""
        return _value(self._find(("header", name))) or ""

    def value(self, path: str) -> str | None:
        """Return the value at the path, or None where the element is absent."""
        return _value(self.element(path))

    def flag(self, path: str) -> bool:
        """Return an xs:boolean; absent is false."""
        return self.value(path) in {"true", "1"}

    def values(self, path: str) -> list[str]:
        """Return the values of all elements at the path."""
        *parents, last = path.split("/")
        parent = self._find(("contents", *parents))
        found: Sequence[Element] = () if parent is None else parent.findall(_qualified(last))
        return [value for value in map(_value, found) if value is not None]

    def element(self, path: str) -> Element | None:
        """Return the element at the path, or None."""
        return self._find(("contents", *path.split("/")))

    def _find(self, names: Sequence[str]) -> Element | None:
        return self.root.find("/".join(map(_qualified, names)))


def parse(body: bytes) -> Message:
    """Parse UTF-8 XML with no DTD into a message. Raises Refused (E001, or E002 for another root)."""
    _check_encoding(body)
    if b"<!DOCTYPE" in body:
        raise _unreadable("Документът съдържа DTD, което не се допуска.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, encoding="utf-8"
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise _unreadable("Документът не е правилно съставен XML.") from error
    if root.tag != _qualified("message"):
        reason = f"Коренният елемент трябва да е message от {NAMESPACE}."
        raise Refused([StatedError(INVALID_ATTRIBUTE, reason, None, "message")])
    return Message(root)


def _check_encoding(body: bytes) -> None:
    declared = _DECLARED_ENCODING.match(body.lstrip(b"\xef\xbb\xbf"))
    if declared and declared[1].lower() not in {b"utf-8", b"us-ascii"}:
        raise _unreadable("Допуска се само кодова таблица UTF-8.")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _unreadable("Документът не е в кодова таблица UTF-8.") from error
    if "\x00" in text:
        raise _unreadable("Документът не е в кодова таблица UTF-8.")


def _unreadable(reason: str) -> Refused:
    return Refused([StatedError(GENERAL, reason)])


def _qualified(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _value(element: Element | None) -> str | None:
    return None if element is None else element.get("value")
