"""The field tables compiled: one walk over what an event holds places every value at its element."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic import BaseModel

from contracts.immutable import immutable
from worker.xml.builder import Timed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from worker.systems.nhis.dates import Days
    from worker.systems.nhis.fields import Field


Members: TypeAlias = "Iterable[tuple[str, Group | _Leaf]]"


class Group:
    """The fields of one object of an event, by name: each a leaf, or the fields of an object inside it.

    A table has a row for each leaf, with its whole path; to follow each of 60 paths through the event costs more than
    the signature's digest. ``element`` is the one, inside that of the object around it, in which all of them stand.
    """

    text_at = None
    """An object is no text, see `_Leaf.text_at`."""

    def __init__(self, element: str | None, members: Mapping[str, Group | _Leaf]) -> None:
        self._element = element
        self._members = members
        self._of_models: dict[type[BaseModel], Members] = {}

    @classmethod
    def of(cls, rows: Iterable[Field]) -> Group:
        """Compile a table. Raises TypeError where a field is a leaf and an object."""
        return cls._of([(tuple(row.name.split(".")), row) for row in rows], ())

    @classmethod
    def _of(cls, named: Sequence[tuple[tuple[str, ...], Field]], outside: tuple[str, ...]) -> Group:
        """``named``: what is left of the rows' names. ``outside``: the elements in which the object around it is."""
        depth = len(outside)
        common = {_parents(row)[depth : depth + 1] for _, row in named}
        within = common.pop() if len(common) == 1 else ()
        members: dict[str, Group | _Leaf] = {}
        for name in dict.fromkeys(path[0] for path, _ in named):
            inner = [(path[1:], row) for path, row in named if path[0] == name]
            leaves = [row for path, row in inner if not path]
            if leaves and len(inner) > 1:
                raise TypeError(f"the field {name} is a leaf and an object")
            inside = (*outside, *within)
            members[name] = _Leaf.of(leaves[0], len(inside)) if leaves else cls._of(inner, inside)
        return cls(within[0] if within else None, members)

    def values(self, data: BaseModel | Mapping[str, Any], days: Days) -> dict[str, Any]:
        """Return every value of an event at the element that its row names; of a model, by its fields' aliases."""
        values: dict[str, Any] = {}
        self.put(values, data, days)
        return values

    def put(self, values: dict[str, Any], found: Any, days: Days) -> None:
        """Put every value of an object at its element; what holds none makes no element."""
        if isinstance(
            found, BaseModel
        ):  # as it is: to dump it into a dict costs as much as to place what that holds
            held, members = found.__dict__, self._of_model(type(found))
        elif isinstance(found, dict):
            held, members = found, self._members.items()
        else:
            return
        inside = values if self._element is None else values.get(self._element, {})
        for name, member in members:
            value = held.get(name)
            if value is None:
                continue
            if (
                type(value) is str and member.text_at is not None
            ):  # nearly all of them, and what `put` does with it
                inside[member.text_at] = value
            else:
                member.put(inside, value, days)
        if inside and self._element is not None:
            values[self._element] = inside

    def _of_model(self, kind: type[BaseModel]) -> Members:
        """Return the members by the attributes of a model in place of their aliases."""
        if kind not in self._of_models:
            names = {field.serialization_alias or name: name for name, field in kind.model_fields.items()}
            found = [(names[name], member) for name, member in self._members.items() if name in names]
            self._of_models[kind] = found
        return self._of_models[kind]


def _parents(row: Field) -> tuple[str, ...]:
    """Return the elements in which that of a row stands."""
    return tuple(row.element.partition("@")[0].split("/")[:-1])


@immutable
class _Leaf:
    """A row: ``parents``, ``element`` and ``attribute`` are its place in the message, ``rows`` those of a list."""

    row: Field
    parents: tuple[str, ...]
    element: str
    attribute: str
    rows: Group | None
    text_at: str | None
    """The element at which a text stands as it is, beside the other values of its object; None where more is to do."""

    @classmethod
    def of(cls, row: Field, depth: int) -> _Leaf:
        """Compile a row, whose object is in the first ``depth`` elements of its path."""
        path, _, attribute = row.element.partition("@")
        parents, element = _parents(row)[depth:], path.rpartition("/")[2]
        more = parents or attribute or row.rows or row.many or row.codes
        rows = Group.of(row.rows) if row.rows else None
        return cls(row, parents, element, attribute, rows, text_at=None if more else element)

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
            return [write(self.row, one, days) for one in found]
        return write(self.row, found, days)


def write(row: Field, value: object, days: Days) -> str | Timed:
    """Return the text of one value of a row, or what becomes text where the schema has declared its type."""
    if isinstance(value, str):  # the most frequent by far, and enumerations of texts
        text = str(value)
        return row.codes.get(text, text)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return days.written(value, row.time_of_day)
    return value if isinstance(value, Timed) else str(value)
