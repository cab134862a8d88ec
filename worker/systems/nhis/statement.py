"""A message of NHIS taken apart, by local names: namespaces and prefixes have changed between releases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.xml import safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml.etree import _Element

_MAX_BYTES = 64 * 1024 * 1024
"""The transport bounds an answer before; this holds where a body comes from elsewhere."""


class Node:
    """One element, by Herald's name for it.

    ``names`` maps Herald's element names, or ``parent/name``, to those of the operator's schemas.
    """

    def __init__(self, element: _Element, names: Mapping[str, str], name: str | None = None) -> None:
        self._element = element
        self._names = names
        self.name = name or local_name(element)

    def children(self, name: str | None = None) -> Iterator[Node]:
        """Yield the child elements, of that name where one is given."""
        wanted = None if name is None else self._names.get(f"{self.name}/{name}", self._names.get(name, name))
        for child in self._element.iterchildren("*"):
            if wanted is None or local_name(child) == wanted:
                yield Node(child, self._names, name)

    def child(self, name: str) -> Node | None:
        """Return the first child of that name."""
        return next(self.children(name), None)

    def descendants(self, name: str) -> Iterator[Node]:
        """Yield every element of that name inside this one, however deep."""
        for element in self._element.iterdescendants("*"):
            if local_name(element) == self._names.get(name, name):
                yield Node(element, self._names, name)

    def values(self, path: str) -> list[str]:
        """Return the values at a path (``name/given``, ``qualification@nhifCode``), without empty ones."""
        path, _, attribute = path.partition("@")
        nodes: list[Node] = [self]
        for name in path.split("/"):
            nodes = [child for node in nodes for child in node.children(name)]
        found = (node.attribute(attribute or "value") for node in nodes)
        return [value for value in found if value]

    def value(self, path: str) -> str | None:
        """Return the first value at a path."""
        return next(iter(self.values(path)), None)

    def attribute(self, name: str) -> str:
        """Return an attribute without the white space around it, empty where there is none."""
        return (self._element.get(name) or "").strip()


@dataclass(frozen=True, slots=True)
class Statement:
    """An NHIS message: what it says it is, what it answers, and its contents."""

    type: str | None
    message_id: str | None
    contents: tuple[Node, ...]
    """One; the errors of a refusal may come as several."""


def read_statement(body: bytes, names: Mapping[str, str]) -> Statement | None:
    """Return the message in a body, or None where it is no safe, readable XML message with contents."""
    try:
        node = Node(safe.parse(body, max_bytes=_MAX_BYTES), names)
    except safe.RefusedXml:
        return None
    contents = tuple(node.children("contents"))
    if node.name != "message" or not contents:
        return None
    return Statement(node.value("header/messageType"), node.value("header/messageId"), contents)


def local_name(element: _Element) -> str:
    """Return an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]
