"""The field tables compiled for reading: one walk over what NHIS shows finds every leaf that a table names.

To look for each of 60 rows among the children costs the product of the two: three seconds for an answer of 6 MB.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from worker.systems.nhis import fields
from worker.systems.nhis.fields import Field, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from worker.xml.node import Node

COUNT = re.compile(r"[0-9]{1,9}")
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_FLAGS = {"true": True, "1": True, "false": False, "0": False}
_TABLES = {"results": fields.RESULT, "reaction": fields.FOUND_REACTION}


def entry(node: Node) -> dict[str, Any]:
    """Read one of the `results` of I004 in the words of the events that registered it and its reactions."""
    names = frozenset(node.names.items())
    read = _table("results", names).read(node)
    table = _table("reaction", names)
    if reactions := [table.read(one) for one in node.descendants("reaction")]:
        read["reactions"] = reactions
    return read


@lru_cache(maxsize=64)
def _table(element: str, names: frozenset[tuple[str, str]]) -> _Table:
    return _Table.of(element, _TABLES[element], dict(names))


class _Table:
    """What is read of the children of one element, by their names in the operator's schemas."""

    def __init__(self, element: str, names: Mapping[str, str]) -> None:
        self._element = element
        self._names = names
        self._places: dict[str, dict[str, _Place]] = {}

    @classmethod
    def of(cls, element: str, rows: Iterable[Field], names: Mapping[str, str]) -> _Table:
        """Compile a table of fields of this element."""
        made = cls(element, names)
        for row in rows:
            path, _, attribute = row.element.partition("@")
            *parents, name = path.split("/")
            table = made
            for parent in parents:
                table = table.place(parent).inside
            place = table.place(name)
            if row.rows:
                place.objects.append((_Target(row), cls.of(name, row.rows, names)))
            else:
                place.leaves.append((attribute or "value", _Target(row)))
        return made

    def read(self, node: Node) -> dict[str, Any]:
        """Return what an element shows."""
        read: dict[str, Any] = {}
        self.read_into(read, node)
        return read

    def read_into(self, read: dict[str, Any], node: Node) -> None:
        """Add it to what was read."""
        for child in node.children():
            for place in self._places.get(child.name, _NONE).values():
                place.read_into(read, child)

    def place(self, name: str) -> _Place:
        """Return the place of a child by Herald's name for it."""
        names = self._names
        written = names.get(f"{self._element}/{name}", names.get(name, name))
        ours = self._places.setdefault(written, {})
        if name not in ours:
            ours[name] = _Place(_Table(name, names))
        return ours[name]


class _Place:
    """What is read of one element: its attributes, and either what is inside it, or an object for each of it."""

    def __init__(self, inside: _Table) -> None:
        self.inside = inside
        self.leaves: list[tuple[str, _Target]] = []
        self.objects: list[tuple[_Target, _Table]] = []

    def read_into(self, read: dict[str, Any], node: Node) -> None:
        """Add it to what was read."""
        for attribute, target in self.leaves:
            if text := node.attribute(attribute):
                target.put(read, target.value(text))
        for target, table in self.objects:
            target.put(read, table.read(node))
        self.inside.read_into(read, node)


_NONE: dict[str, _Place] = {}


class _Target:
    """Where in an event the values of a row stand, and how they are read. Of several, the first counts or all do."""

    def __init__(self, row: Field) -> None:
        *self._parents, self._name = row.name.split(".")
        self._many = row.many or bool(row.rows)
        self._kind = row.kind
        self._words = {code: word for word, code in row.codes.items()}

    def put(self, read: dict[str, Any], value: object) -> None:
        """Put one value there."""
        for parent in self._parents:
            read = read.setdefault(parent, {})
        if self._many:
            read.setdefault(self._name, []).append(value)
        else:
            read.setdefault(self._name, value)

    def value(self, text: str) -> str | int | float | bool:
        """Return a text in the words of the contract; one that is not of its kind as it is."""
        match self._kind:
            case Kind.FLAG:
                return _FLAGS.get(text, text)
            case Kind.COUNT if COUNT.fullmatch(text):
                return int(text)
            case Kind.NUMBER if _NUMBER.fullmatch(text):
                return float(text)
        return self._words.get(text, text)
