"""The text of a message in one pass over the models of an event, by a field table compiled with a schema's plan.

The general way makes a dict for each element (`Group`) and walks these again (`CanonicalWriter`), at nearly twice the
cost. What it writes is right by definition, and a form writes the very same; where that is not certain, a form raises
`Misfit`, and the general way writes the message, or says what is wrong with it.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

from worker.systems.nhis.groups import write
from worker.xml.builder import Timed
from worker.xml.plan import TimeKind
from worker.xml.shapes import escaped, has_special

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from worker.systems.nhis.dates import Days
    from worker.systems.nhis.fields import Field

Held: TypeAlias = "Sequence[Mapping[str, Any]]"
"""Objects by number, each by the names of its model's attributes; one that is absent holds nothing."""

_NOTHING: Mapping[str, Any] = {}


class Misfit(Exception):
    """The message is one for the general way."""


class Objects:
    """Where the objects inside an object are: of each, the number of the one that holds it, and its name there."""

    def __init__(self, inner: Sequence[tuple[int, str]]) -> None:
        self._inner = inner

    def held(self, *outer: Mapping[str, Any]) -> Held:
        """Return these objects, which have the first numbers, and then all that are inside them."""
        held = list(outer)
        for number, name in self._inner:
            found = held[number].get(name)
            if found is None:
                held.append(_NOTHING)
            else:
                held.append(found if type(found) is dict else found.__dict__)
        return held


class Row:
    """How the values of a row are written: several of a list, and all that are no plain text."""

    __slots__ = ("_field", "_kind")

    def __init__(self, field: Field, kind: TimeKind | None) -> None:
        self._field = field
        self._kind = kind

    def texts(self, found: Any, days: Days) -> list[str]:
        """Return the text of each value."""
        written = [write(self._field, one, days) for one in (found if self._field.many else (found,))]
        return [one.text(self._kind) if isinstance(one, Timed) else one for one in written]

    @property
    def is_plain(self) -> bool:
        """Whether a text is written as it is."""
        return not (self._field.codes or self._field.many)

    def direct(self) -> Mapping[type, Callable[[Any], str]]:
        """Return what writes a value of a type as `texts` does, where nothing but the value matters."""
        if not self.is_plain:
            return {}
        return _DIRECT if self._kind is TimeKind.DATE_TIME else _DIRECT_AND_DAYS


_DIRECT: Mapping[type, Callable[[Any], str]] = {
    bool: ("false", "true").__getitem__,
    int: str,
    Decimal: "{:f}".format,
}
_DIRECT_AND_DAYS: Mapping[type, Callable[[Any], str]] = {**_DIRECT, date: date.isoformat}

Leaf: TypeAlias = "tuple[str, str, bool, Mapping[type, Callable[[Any], str]], Row]"
"""One value: its name in its object, the form that it comes into, and how it is written: a text as it is, one of these
types directly, all else by the row. A bare tuple, as each message takes some seventy apart."""


class Part(Protocol):
    """What is in an element beside leaves."""

    def put(self, forms: list[str], values: list[str], held: Held, days: Days) -> None:
        """Add it to the message: a form has a `%s` for each of its values, which are of attributes. Raises Misfit."""


class Run(NamedTuple):
    """Leaves from the object with this number, and the part that comes behind them."""

    held: int
    leaves: Sequence[Leaf]
    part: Part | None


class Element:
    """An element with children, or with attributes; ``always``: it is written where it holds nothing, too."""

    __slots__ = ("_always", "_begin", "_end", "_runs")

    def __init__(self, begin: str, runs: Iterable[Run], end: str, *, always: bool = False) -> None:
        self._begin = begin
        self._runs = list(runs)
        self._end = end
        self._always = always

    def put(self, forms: list[str], values: list[str], held: Held, days: Days) -> None:
        """Add the element with all that it holds."""
        before = len(forms)
        forms.append(self._begin)
        for number, leaves, part in self._runs:
            found = held[number].get
            for name, form, is_plain, direct, row in leaves:
                value = found(name)
                if value is None:
                    continue
                if is_plain and type(value) is str:  # nearly all of them
                    forms.append(form)
                    values.append(value)
                elif (written := direct.get(type(value))) is not None:
                    forms.append(form)
                    values.append(written(value))
                else:
                    texts = row.texts(value, days)
                    forms.append(form * len(texts))
                    values += texts
            if part is not None:
                part.put(forms, values, held, days)
        if self._always or len(forms) > before + 1:
            forms.append(self._end)
        else:
            forms.pop()


class Items(NamedTuple):
    """A list of objects, an element each."""

    held: int
    name: str
    objects: Objects
    element: Element

    def put(self, forms: list[str], values: list[str], held: Held, days: Days) -> None:
        """Add an element for each object of the list."""
        for one in held[self.held].get(self.name) or ():
            self.element.put(forms, values, self.objects.held(one.__dict__), days)


class Unplaced(NamedTuple):
    """A value of which the table and the schema do not say how it is written: it is left to the general way."""

    held: int
    name: str

    def put(self, forms: list[str], values: list[str], held: Held, days: Days) -> None:  # noqa: ARG002 - all parts have one form
        """Raise Misfit where there is such a value."""
        if held[self.held].get(self.name) is not None:
            raise Misfit


class Form(NamedTuple):
    """A message of one type, but for its root's tags."""

    objects: Objects
    inside: Sequence[Part]

    def written(self, header: Mapping[str, Any], data: Mapping[str, Any], days: Days) -> str:
        """Return what is between the root's tags. Raises Misfit."""
        forms: list[str] = []
        values: list[str] = []
        held = self.objects.held(header, data)
        for part in self.inside:
            part.put(forms, values, held, days)
        if has_special("".join(values)):  # all are searched together, as few hold any
            values = list(map(escaped, values))
        return "".join(forms) % tuple(values)
