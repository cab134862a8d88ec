"""The elements of a plan with all that is written of each whatever its values are: compiled once per message type."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from worker.xml.plan import VALUE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.xml.builder import Values
    from worker.xml.plan import Slot, TimeKind

_SPECIAL = '&<"\t\n\r'
# Most values have nothing to escape, and to see that is cheaper than to translate them.
_in_attribute = re.compile(f"[{_SPECIAL}]").search
_in_text = re.compile(r"[&<>\r]").search
_ATTRIBUTE_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", '"': "&quot;", "\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;"}
)
_TEXT_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;"})


def escaped(value: str) -> str:
    """Return an attribute's value as canonical XML writes it."""
    return value.translate(_ATTRIBUTE_ESCAPES) if _in_attribute(value) else value


def has_special(values: str) -> bool:
    """Whether anything in these values of attributes must be escaped: many together cost less than one by one."""
    return any(map(values.__contains__, _SPECIAL))


class Order(NamedTuple):
    """One way in which ``length`` children may follow one another. ``places``: where each of them stands, by our name.

    Several stand for one name where a renaming gives two elements the same. ``leaves`` are the others that can be one.
    """

    length: int
    places: Mapping[str, tuple[tuple[int, Shape], ...]]
    leaves: Mapping[str, tuple[int, Shape]]


class Shape:
    """An element of the plan, with all that is written of it whatever its values are."""

    __slots__ = (
        "attributes", "begin", "end", "escapes", "is_leaf", "kind", "name", "orders", "special", "tag", "times"
    )  # fmt: skip

    def __init__(self, slot: Slot, tag: str) -> None:
        content = slot.content
        self.name, self.tag = slot.name, tag
        self.attributes, self.times = content.attributes, content.times
        self.orders: tuple[Order, ...] = ()
        self.is_leaf = VALUE in content.attributes or content.text
        self.kind: TimeKind | None
        if VALUE in content.attributes:
            self.begin, self.end = f'<{tag} {VALUE}="', f'"></{tag}>'
            self.special, self.escapes = _in_attribute, _ATTRIBUTE_ESCAPES
            self.kind = content.times.get(VALUE)
        else:
            self.begin, self.end = f"<{tag}>", f"</{tag}>"
            self.special, self.escapes = _in_text, _TEXT_ESCAPES
            self.kind = content.times.get(None)

    def order_for(self, values: Values) -> Order:
        """Return the order to follow: the first with a place for all that is given."""
        if len(self.orders) == 1:
            return self.orders[0]
        given = {name for name, value in values.items() if value is not None and not name.startswith("@")}
        return next((order for order in self.orders if given <= order.places.keys()), self.orders[0])


class ShapeCompiler:
    """Makes shapes. ``prefixes``: of namespaces; elements of other namespaces have no place."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._prefixes = prefixes
        self._shapes: dict[int, Shape] = {}

    def shape(self, slot: Slot) -> Shape:
        """Return the shape of an element; types may contain themselves."""
        if id(slot) not in self._shapes:
            shape = self._shapes[id(slot)] = Shape(slot, self._tag(slot))
            shape.orders = tuple(map(self._order, slot.content.orders))
        return self._shapes[id(slot)]

    def _order(self, slots: tuple[Slot, ...]) -> Order:
        places: dict[str, tuple[tuple[int, Shape], ...]] = {}
        for number, slot in enumerate(slots):
            if slot.namespace in {*self._prefixes, None}:
                places[slot.name] = (*places.get(slot.name, ()), (number, self.shape(slot)))
        leaves = {name: found[0] for name, found in places.items() if len(found) == 1 and found[0][1].is_leaf}
        return Order(len(slots), places, leaves)

    def _tag(self, slot: Slot) -> str:
        return slot.local if slot.namespace is None else f"{self._prefixes[slot.namespace]}:{slot.local}"
