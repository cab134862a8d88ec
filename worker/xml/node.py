"""An answer's elements by their local names: systems change prefixes, and put elements into wrong namespaces."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_XML_SPACE = " \t\r\n"
# All text of an element: its own first text ends at a comment.
_TEXT = etree.XPath("string()", smart_strings=False)
# What a real gateway was seen to write in place of any type.
_GARBLED_TYPES = frozenset({"string"})
_AS_THEY_STAND: Mapping[str, str] = MappingProxyType({})


class UnexpectedContent(Exception):
    """The data of an answer does not fit the request, or its own type."""


class Node:
    """One element, by Herald's name for it.

    ``names`` maps Herald's element names, or ``parent/name``, to those of the operator's schemas.
    """

    def __init__(
        self, element: etree._Element, names: Mapping[str, str] = _AS_THEY_STAND, name: str | None = None
    ) -> None:
        self._element = element
        self.names = names
        self.name = name or local_name(element)

    def children(self, name: str | None = None) -> Iterator[Node]:
        """Yield the child elements, of that name where one is given."""
        if name is None:
            for child in self._element.iterchildren("*"):
                yield Node(child, self.names)
            return
        # libxml2 compares the names, at a tenth of what the comparison costs here.
        for child in self._element.iterchildren(f"{{*}}{self._written(self.name, name)}"):
            yield Node(child, self.names, name)

    def _written(self, parent: str, name: str) -> str:
        names = self.names
        return names.get(f"{parent}/{name}", names.get(name, name)) if names else name

    def child(self, name: str) -> Node | None:
        """Return the first child of that name."""
        return next(self.children(name), None)

    def descendants(self, name: str | None = None) -> Iterator[Node]:
        """Yield every element inside this one, however deep, of that name where one is given."""
        wanted = "*" if name is None else f"{{*}}{self.names.get(name, name)}"
        for element in self._element.iterdescendants(wanted):
            yield Node(element, self.names, name)

    def only(self, *path: str) -> Node | None:
        """Return the element at a path on which each name stands once; None where one is absent or there twice."""
        element = self._only(path)
        return None if element is None else Node(element, self.names, path[-1] if path else self.name)

    def text(self, *path: str) -> str | None:
        """Return the text at a path, without white space around it; None where it is blank or holds elements."""
        element = self._only(path)
        if element is None:
            return None
        if len(element) == 0:
            return (element.text or "").strip() or None
        if next(element.iterchildren("*"), None) is not None:
            return None
        return str(_TEXT(element)).strip() or None  # around comments

    def _only(self, path: Iterable[str]) -> etree._Element | None:
        parent, element = self.name, self._element
        for name in path:
            found = list(element.iterchildren(f"{{*}}{self._written(parent, name)}"))
            if len(found) != 1:
                return None
            parent, element = name, found[0]
        return element

    def values(self, path: str) -> list[str]:
        """Return the `value` attributes at a path (``name/given``), or others (``name@code``), without empty ones."""
        return list(self._values(path))

    def at(self, path: str) -> list[Node]:
        """Return every element at a path (``name/given``)."""
        elements, last = self._elements(path), path.rpartition("/")[2]
        return [Node(one, self.names, last) for one in elements]

    def value(self, path: str) -> str | None:
        """Return the first value at a path."""
        return next(self._values(path), None)

    def first_values(self, *names: str) -> list[str | None]:
        """Return the first value of the children of each name, in one pass over all: for nodes with few children."""
        found: dict[str, str] = {}
        for child in self._element.iterchildren("*"):
            if text := (child.get("value") or "").strip():
                found.setdefault(local_name(child), text)
        return [found.get(self._written(self.name, name)) for name in names]

    def _values(self, path: str) -> Iterator[str]:
        path, _, attribute = path.partition("@")
        for element in self._elements(path):
            if text := (element.get(attribute or "value") or "").strip():
                yield text

    def _elements(self, path: str) -> Iterable[etree._Element]:
        """Return the elements at a path: without a Node for each step, since some answers have many thousand."""
        parent, elements = self.name, [self._element]
        for name in path.split("/"):
            tag = f"{{*}}{self._written(parent, name)}"
            elements = [child for element in elements for child in element.iterchildren(tag)]
            parent = name
        return elements

    def attribute(self, name: str) -> str:
        """Return an attribute without the white space around it, empty where there is none."""
        return (self._element.get(name) or "").strip()

    def is_empty(self) -> bool:
        """Whether it holds neither elements nor text: an empty element, or a nil one."""
        return not self._has_own_text() and next(self.children(), None) is None

    def must_be(self, type_name: str, *names: str) -> None:
        """Check that it holds these elements alone, and that its xsi:type, where it has one, is this one.

        Raises UnexpectedContent: an element that is not understood allows no conclusion, not even that it is empty.
        """
        others = self._types() - {type_name} - _GARBLED_TYPES
        if others or self._has_own_text() or any(child.name not in names for child in self.children()):
            raise UnexpectedContent

    def _types(self) -> set[str]:
        types = [
            value for name, value in self._element.attrib.items() if etree.QName(name).localname == "type"
        ]
        return {str(one).rpartition(":")[2].strip(_XML_SPACE) for one in types} - {""}

    def _has_own_text(self) -> bool:
        texts = (self._element.text, *(child.tail for child in self._element))
        return any(text and text.strip(_XML_SPACE) for text in texts)


def local_name(element: etree._Element) -> str:
    """Return an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]
