"""An answer's elements by their local names: gateways change prefixes, and put elements into wrong namespaces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator

_XML_SPACE = " \t\r\n"
_LONGEST = 4000
"""Characters that are kept of a code or sentence; the evidence has the whole."""
# All text of an element: its own first text ends at a comment.
_TEXT = etree.XPath("string()", smart_strings=False)
# What a real gateway was seen to write in place of any type.
_GARBLED_TYPES = frozenset({"string"})


class Unfit(Exception):
    """The data of an answer does not fit what was asked, or its own type."""


class Node:
    """One element."""

    def __init__(self, element: etree._Element) -> None:
        self._element = element
        self.name = etree.QName(element).localname

    def children(self, name: str | None = None) -> Iterator[Node]:
        """Yield the child elements, of that name where one is given."""
        for element in self._element.iterchildren("*"):
            child = Node(element)
            if name is None or child.name == name:
                yield child

    def descendants(self) -> Iterator[Node]:
        """Yield the element itself and all below it, as they stand."""
        return map(Node, self._element.iter("*"))

    def only(self, *path: str) -> Node | None:
        """Return the element at a path on which each name stands once; None where one is absent or there twice."""
        found = self
        for name in path:
            children = list(found.children(name))
            if len(children) != 1:
                return None
            found = children[0]
        return found

    def text(self, *path: str) -> str | None:
        """Return the text at a path, without white space around it; None where it is blank or holds elements."""
        found = self.only(*path)
        if found is None or next(found.children(), None) is not None:
            return None
        return str(_TEXT(found._element)).strip() or None  # noqa: SLF001 - of its own kind

    def must_be(self, type_name: str, *names: str) -> None:
        """Check that it holds these elements alone, and names no other type; where it names none, none is missed.

        Raises Unfit: of what is not understood nothing may be concluded, not even that there is nothing.
        """
        others = self._types() - {type_name} - _GARBLED_TYPES
        if others or self._has_own_text() or any(child.name not in names for child in self.children()):
            raise Unfit

    def _types(self) -> set[str]:
        types = [
            value for name, value in self._element.attrib.items() if etree.QName(name).localname == "type"
        ]
        return {str(one).rpartition(":")[2].strip(_XML_SPACE) for one in types} - {""}

    def _has_own_text(self) -> bool:
        texts = (self._element.text, *(child.tail for child in self._element))
        return any(text and text.strip(_XML_SPACE) for text in texts)


@dataclass(frozen=True, slots=True)
class Status:
    """What an answer states of itself."""

    code: str
    message: str | None


def status_of(node: Node | None) -> Status | None:
    """Read an element with `code` and `message`; None where it has no code."""
    code = node.text("code") if node else None
    if node is None or code is None:
        return None
    message = node.text("message")
    return Status(code[:_LONGEST], message[:_LONGEST] if message else None)
