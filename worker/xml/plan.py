"""The part of a schema that building a message needs; compiled once per message type."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from typing import TYPE_CHECKING

from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from xmlschema import XsdComponent, XsdElement, XsdType

VALUE = "value"
"""The attribute that holds a leaf's value, where the schema's types have one; else its text does."""


class TimeKind(StrEnum):
    """How a schema declares a point in time; what it declares otherwise is no `TimeKind`."""

    DATE = "date"
    DATE_TIME = "dateTime"


@immutable
class Slot:
    """One element that a content model has a place for: our name, its qualified name, what it may hold."""

    name: str
    tag: str
    content: Content

    @property
    def namespace(self) -> str | None:
        """The namespace of its qualified name."""
        namespace, brace, _ = self.tag.removeprefix("{").rpartition("}")
        return namespace if brace else None

    @property
    def local(self) -> str:
        """Its name in the schema."""
        return self.tag.rpartition("}")[2]


@dataclass(slots=True)
class Content:
    """What an element may hold.

    ``orders`` are the ways in which the children may follow one another: one, save where the branches of a
    choice place the same element differently. Filled after creation, as types may contain themselves.
    ``times`` holds the attributes that the schema declares as a date or a date and time; None stands for the text.
    """

    attributes: frozenset[str]
    text: bool
    times: Mapping[str | None, TimeKind]
    orders: tuple[tuple[Slot, ...], ...] = ()
    names: tuple[frozenset[str], ...] = field(default=())

    def order_for(self, given: frozenset[str]) -> tuple[Slot, ...]:
        """Return the order to follow for these children: the first with a place for all of them."""
        fitting = (order for order, names in zip(self.orders, self.names, strict=True) if given <= names)
        return next(fitting, self.orders[0])


def compile_plan(declaration: XsdElement, rename: Mapping[str, str]) -> tuple[Slot, frozenset[str]]:
    """Return the plan of the element with this xmlschema declaration, and the keys of `rename` that it used.

    ``rename`` maps our local names to the schema's; a key is a name, or ``parent/name`` with our name of the
    parent, and the latter wins.
    """
    compiler = _Compiler(rename)
    return compiler.slot(declaration, None), frozenset(compiler.used)


def namespaces_in(plan: Slot) -> Iterator[str]:
    """Yield the namespace of every element that a plan has a place for, some of them repeatedly."""
    seen: set[int] = set()
    waiting = [plan]
    while waiting:
        slot = waiting.pop()
        if slot.namespace is not None:
            yield slot.namespace
        if id(slot.content) not in seen:
            seen.add(id(slot.content))
            waiting += [inner for order in slot.content.orders for inner in order]


class _Compiler:
    def __init__(self, rename: Mapping[str, str]) -> None:
        self._keys = {(key.rpartition("/")[0] or None, name): key for key, name in rename.items()}
        self._contents: dict[tuple[int, str], Content] = {}
        self.used: set[str] = set()

    def slot(self, declaration: XsdElement, parent: str | None) -> Slot:
        name = self._our_name(declaration.local_name, parent)
        return Slot(name, declaration.name, self._content(declaration.type, name))

    def _our_name(self, name: str, parent: str | None) -> str:
        for scope in (parent, None):
            key = self._keys.get((scope, name))
            if key is not None:
                self.used.add(key)
                return key.rpartition("/")[2]
        return name

    def _content(self, kind: XsdType, owner: str) -> Content:
        # By owner too: a renaming may hold below one element and not below another of the same type.
        known = self._contents.get((id(kind), owner))
        if known is not None:
            return known
        attributes = frozenset(filter(None, getattr(kind, "attributes", None) or ()))
        text = kind.is_simple() or kind.has_simple_content() or kind.mixed
        content = Content(attributes, text, _times_of(kind))
        self._contents[id(kind), owner] = content
        declarations = _orders(kind.content) if kind.has_complex_content() or kind.is_element_only() else [()]
        content.orders = tuple(self._slots(order, owner) for order in declarations)
        content.names = tuple(frozenset(slot.name for slot in order) for order in content.orders)
        return content

    def _slots(self, declarations: tuple[XsdElement, ...], owner: str) -> tuple[Slot, ...]:
        by_tag: dict[str, Slot] = {}
        for declaration in declarations:
            by_tag.setdefault(declaration.name, self.slot(declaration, owner))
        return tuple(by_tag.values())


def _times_of(kind: XsdType) -> dict[str | None, TimeKind]:
    """Return which attributes of a type, and whether its text, are points in time."""
    declared = {
        name: attribute.type for name, attribute in (getattr(kind, "attributes", None) or {}).items() if name
    }
    text = kind if kind.is_simple() else kind.content if kind.has_simple_content() else None
    found = {name: _time_kind(simple) for name, simple in {**declared, None: text}.items()}
    return {name: one for name, one in found.items() if one is not None}


def _time_kind(simple: XsdType | None) -> TimeKind | None:
    """Return how a simple type declares a point in time; of a union, the first of its members that does counts."""
    if simple is None:
        return None
    if simple.is_union():
        members = (_time_kind(member) for member in simple.member_types)
        return next((one for one in members if one is not None), None)
    # xs:anySimpleType and lists have none.
    primitive = getattr(getattr(simple, "primitive_type", None), "local_name", None)
    return TimeKind(primitive) if primitive in set(TimeKind) else None


def _orders(particle: XsdComponent) -> list[tuple[XsdElement, ...]]:
    """Return the orders of elements that a particle allows, without wildcards and repetition.

    A choice between branches that share no element is one order (only the given elements are written);
    otherwise each of its branches is an order of its own.
    """
    if not hasattr(particle, "model"):
        return [(particle,)] if particle.name is not None else [()]
    branches = [_orders(child) for child in particle]
    if particle.model == "choice" and _share_an_element(branches):
        return [order for branch in branches for order in branch]
    return [tuple(element for part in parts for element in part) for parts in product(*branches)]


def _share_an_element(branches: list[list[tuple[XsdElement, ...]]]) -> bool:
    names = [name for branch in branches for name in {element.name for order in branch for element in order}]
    return len(names) != len(set(names))
