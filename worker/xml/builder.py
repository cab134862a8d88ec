"""Building a message by its plan: the caller gives values by name, the schema has said where each belongs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from lxml import etree

from worker.xml.plan import VALUE

if TYPE_CHECKING:
    from worker.xml.plan import Content, Slot, TimeKind

Values: TypeAlias = Mapping[str, "Value"]
"""By local name; a name that starts with ``@`` is an attribute."""

Value: TypeAlias = "str | Timed | Values | Sequence[Value] | None"
"""A leaf's value, the content of an element, several of the same element, or nothing at all."""


class Timed:
    """A day or a point in time, for a leaf that is written as the schema declares it."""

    __slots__ = ()

    # No abstract class: each question whether a value is of one costs several times as much.
    def text(self, kind: TimeKind | None) -> str:
        """Return the text for a leaf that the schema declares so; None is any other type."""
        raise NotImplementedError


class NoSuchElement(Exception):
    """The schema has no place for a value; ``path`` names the element or attribute (``…/@name``)."""

    def __init__(self, path: str) -> None:
        super().__init__(f"The schema has no place for {path}.")
        self.path = path


def build_element(root: Slot, values: Values, nsmap: Mapping[str, str]) -> etree._Element:
    """Return the root element filled with these values.

    Order, namespace and the place of a leaf's value (attribute ``value`` or text) come from the plan; None is
    left out; a list repeats the element. Nothing is checked beyond names: validation does that.
    Raises NoSuchElement.
    """
    element = etree.Element(root.tag, nsmap=dict(nsmap))
    _fill(element, root.content, values, (root.name,))
    return element


def _fill(element: etree._Element, content: Content, values: Values, path: tuple[str, ...]) -> None:
    given = frozenset(name for name, value in values.items() if value is not None)
    attributes = [name for name in given if name.startswith("@")]
    children = given.difference(attributes)
    for name in attributes:
        _set_attribute(element, content, name, values[name], path)
    order = content.order_for(children)
    for slot in order:
        if slot.name in children:
            _append(element, slot, values[slot.name], path)
    unplaced = children.difference(slot.name for slot in order)
    if unplaced:
        raise NoSuchElement("/".join((*path, min(unplaced))))


def _append(parent: etree._Element, slot: Slot, value: Value, path: tuple[str, ...]) -> None:
    if isinstance(value, str | Timed):
        _append_leaf(parent, slot, value, path)
    elif isinstance(value, Mapping):
        _fill(etree.SubElement(parent, slot.tag), slot.content, value, (*path, slot.name))
    elif isinstance(value, Sequence):
        for item in value:
            _append(parent, slot, item, path)
    elif value is not None:
        raise TypeError(f"{'/'.join((*path, slot.name))} is given a {type(value).__name__}, not text.")


def _append_leaf(parent: etree._Element, slot: Slot, value: str | Timed, path: tuple[str, ...]) -> None:
    content = slot.content
    if VALUE in content.attributes:
        etree.SubElement(parent, slot.tag, {VALUE: _text(content, VALUE, value)})
    elif content.text:
        etree.SubElement(parent, slot.tag).text = _text(content, None, value)
    else:
        raise NoSuchElement("/".join((*path, slot.name, f"@{VALUE}")))


def _set_attribute(
    element: etree._Element, content: Content, name: str, value: Value, path: tuple[str, ...]
) -> None:
    attribute = name[1:]
    if attribute not in content.attributes:
        raise NoSuchElement("/".join((*path, name)))
    if not isinstance(value, str | Timed):
        raise TypeError(f"{'/'.join((*path, name))} is given a {type(value).__name__}, not text.")
    element.set(attribute, _text(content, attribute, value))


def _text(content: Content, attribute: str | None, value: str | Timed) -> str:
    return value if isinstance(value, str) else value.text(content.times.get(attribute))
