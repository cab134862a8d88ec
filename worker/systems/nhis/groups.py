"""The field tables compiled: one walk over what an event holds places every value at its element."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from worker.systems.nhis.dates import Days
    from worker.systems.nhis.fields import Field
    from worker.xml.builder import Timed


class Group:
    """The fields of one object of an event, by name: each a leaf, or the fields of an object inside it.

    A table has a row for each leaf, with its whole path; to follow each of 60 paths through the event costs more than
    the signature's digest.
    """

    def __init__(self) -> None:
        self.members: dict[str, Group | _Leaf] = {}

    @classmethod
    def of(cls, rows: Iterable[Field]) -> Group:
        """Compile a table."""
        made = cls()
        for row in rows:
            *objects, name = row.name.split(".")
            group = made
            for one in objects:
                group = group.inside(one)
            group.members[name] = _Leaf.of(row)
        return made

    def values(self, data: Mapping[str, Any], days: Days) -> dict[str, Any]:
        """Return every value of an event at the element that its row names."""
        values: dict[str, Any] = {}
        self.place(data, values, days)
        return values

    def inside(self, name: str) -> Group:
        """Return the fields of the object of this name."""
        inside = self.members.setdefault(name, Group())
        if not isinstance(inside, Group):
            raise TypeError(f"the field {name} is a leaf and an object")
        return inside

    def place(self, data: Mapping[str, Any], values: dict[str, Any], days: Days) -> None:
        """Put every value of an object at its element."""
        for name, member in self.members.items():
            found = data.get(name)
            if found is None:
                continue
            if isinstance(member, _Leaf):
                member.put(values, found, days)
            elif isinstance(found, dict):
                member.place(found, values, days)


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A row: ``parents``, ``element`` and ``attribute`` are its place in the message, ``rows`` those of a list."""

    row: Field
    parents: tuple[str, ...]
    element: str
    attribute: str
    rows: Group | None

    @classmethod
    def of(cls, row: Field) -> _Leaf:
        path, _, attribute = row.element.partition("@")
        *parents, element = path.split("/")
        return cls(row, tuple(parents), element, attribute, Group.of(row.rows) if row.rows else None)

    def put(self, values: dict[str, Any], found: Any, days: Days) -> None:
        """Put a value at its place; an attribute beside the element's own value makes a mapping."""
        for parent in self.parents:
            values = values.setdefault(parent, {})
        written, element = self._written(found, days), self.element
        if not self.attribute:
            values[element] = written
        elif isinstance(values.get(element), str):
            values[element] = {"@value": values[element], f"@{self.attribute}": written}
        else:
            values.setdefault(element, {})[f"@{self.attribute}"] = written

    def _written(self, found: Any, days: Days) -> Any:
        if self.rows is not None:
            return [self.rows.values(one, days) for one in found]
        if self.row.many:
            return [_write(self.row, one, days) for one in found]
        return _write(self.row, found, days)


def _write(row: Field, value: object, days: Days) -> str | Timed:
    if isinstance(value, str):  # the most frequent by far, and enumerations of texts
        text = str(value)
        return row.codes.get(text, text)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return days.written(value, row.time_of_day)
    return str(value)
