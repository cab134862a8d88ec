"""Compiling a form: the place of each row in the schema, and where its values are in the models of an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from pydantic import BaseModel

from worker.systems.nhis.fields import Field
from worker.systems.nhis.form import Element, Form, Items, Objects, Row, Run, Unplaced
from worker.xml.plan import VALUE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from worker.xml.shapes import Shape


class _Value(NamedTuple):
    """A row: which object holds its value by which name, and what is left of the way to its element.

    ``item`` is the model of a list's objects.
    """

    held: int
    name: str
    path: tuple[str, ...]
    attribute: str
    row: Field
    item: type[BaseModel] | None = None


def compile_form(rows: Iterable[Field], model: type[BaseModel], header: Iterable[str], root: Shape) -> Form:
    """Return the form of the messages of this model and table. ``header``: the names of the header's values."""
    objects = _Objects(BaseModel, model)
    inside = {
        "header": [_Value(0, name, (name,), VALUE, Field(name, name)) for name in header],
        "contents": objects.values(rows, 1),
    }
    return Form(
        Objects(objects.inner),
        [_element(shape, inside[name], always=True) for name, shape in _places(root) if name in inside],
    )


class _Objects:
    """Gives a number to each object that rows name: first to those that the models are of."""

    def __init__(self, *models: type[BaseModel]) -> None:
        self._models = list(models)
        self.inner: list[tuple[int, str]] = []

    def values(self, rows: Iterable[Field], outer: int) -> list[_Value]:
        """Return where the values of the rows of an object are held; a model need not have them all."""
        return [found for row in rows if (found := self._value(row, outer)) is not None]

    def _value(self, row: Field, number: int) -> _Value | None:
        *objects, last = row.name.split(".")
        for alias in objects:
            inside = self._inside(number, alias)
            if inside is None:
                return None
            number = inside
        named = _attribute(self._models[number], last)
        if named is None:
            return None
        path, _, attribute = row.element.partition("@")
        return _Value(number, named[0], tuple(path.split("/")), attribute or VALUE, row, _model_in(named[1]))

    def _inside(self, number: int, alias: str) -> int | None:
        named = _attribute(self._models[number], alias)
        model = _model_in(named[1]) if named else None
        if named is None or model is None:
            return None
        if (number, named[0]) not in self.inner:
            self.inner.append((number, named[0]))
            self._models.append(model)
        return len(self._models) - len(self.inner) + self.inner.index((number, named[0]))


def _attribute(model: type[BaseModel], alias: str) -> tuple[str, Any] | None:
    """Return the name of the attribute with this alias, and its annotation."""
    fields = model.model_fields.items()
    return next(((name, one.annotation) for name, one in fields if alias in (one.alias, name)), None)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for one in get_args(annotation) if (found := _model_in(one))), None)


def _places(shape: Shape) -> list[tuple[str, Shape]]:
    """Return the children of an element in their order; none where it may be another one, or two have one name."""
    (order, *others) = shape.orders
    if others or any(len(found) > 1 for found in order.places.values()):
        return []
    children = [(number, name, child) for name, ((number, child),) in order.places.items()]
    return [(name, child) for _, name, child in sorted(children, key=lambda one: one[0])]


def _element(shape: Shape, values: Sequence[_Value], *, always: bool = False) -> Element:
    """Return an element with the values that are in its children."""
    runs: list[Run] = []
    left = list(values)
    for name, child in _places(shape):
        inside = [one for one in values if one.path[0] == name]
        left = [one for one in left if one not in inside]
        runs += _runs(child, [one._replace(path=one.path[1:]) for one in inside])
    runs += [_unplaced(one) for one in left]
    return Element(f"<{shape.tag}>", _joined(runs), f"</{shape.tag}>", always=always)


def _joined(runs: Iterable[Run]) -> list[Run]:
    """Return the runs with all leaves together that follow one another and are of one object."""
    joined: list[Run] = []
    for run in runs:
        last = joined[-1] if joined else None
        if last is not None and last.part is None and last.held == run.held:
            joined[-1] = Run(run.held, [*last.leaves, *run.leaves], run.part)
        else:
            joined.append(run)
    return joined


def _runs(shape: Shape, values: Sequence[_Value]) -> list[Run]:
    """Return what writes an element with its values: what is not certain is left unplaced."""
    own = [one for one in values if not one.path]
    attributes = {one.attribute for one in own}
    if not own:
        return [Run(values[0].held, (), _element(shape, values))] if values else []
    if len(values) == 1 and own[0].row.rows and own[0].item is not None:
        return [Run(own[0].held, (), _items(shape, own[0], own[0].item))]
    if len(attributes) < len(values) or not attributes <= shape.attributes:
        return [_unplaced(one) for one in values]
    if attributes == {VALUE}:
        return [_leaf(own[0], shape, f"{shape.begin}%s{shape.end}")]
    if any(one.row.many for one in own):
        return [_unplaced(one) for one in values]
    in_order = sorted(own, key=lambda one: one.attribute)
    leaves = [_leaf(one, shape, f' {one.attribute}="%s"') for one in in_order]
    return [Run(own[0].held, (), Element(f"<{shape.tag}", _joined(leaves), f"></{shape.tag}>"))]


def _leaf(value: _Value, shape: Shape, form: str) -> Run:
    row = Row(value.row, shape.times.get(value.attribute))
    return Run(value.held, [(value.name, form, row.is_plain, row.direct(), row)], None)


def _unplaced(value: _Value) -> Run:
    return Run(value.held, (), Unplaced(value.held, value.name))


def _items(shape: Shape, value: _Value, model: type[BaseModel]) -> Items:
    objects = _Objects(model)
    element = _element(shape, objects.values(value.row.rows, 0), always=True)
    return Items(value.held, value.name, Objects(objects.inner), element)
