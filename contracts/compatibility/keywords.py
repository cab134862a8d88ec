"""The keywords of JSON Schema that are compared by their value alone: types, enums, bounds, patterns. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts.compatibility.changes import Side

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_UPPER = ("maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties")
_LOWER = ("minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties")
_FORMS = ("pattern", "format")
_UNJUDGED = (
    "not",
    "if",
    "then",
    "else",
    "propertyNames",
    "contains",
    "multipleOf",
    "uniqueItems",
    "dependentRequired",
)
_TYPES = frozenset({"null", "boolean", "object", "array", "number", "integer", "string"})

Told = tuple[str, str]
"""A rule and its sentence."""


def types(old: Mapping[str, Any], new: Mapping[str, Any], side: Side) -> Iterator[Told]:
    """Yield the types that a request may no longer have, or a reply did not have."""
    before, after = _types_of(old), _types_of(new)
    if side is Side.REQUEST and (lost := before - after):
        yield "type-narrowed", f"the type {_listed(lost)} is no longer allowed"
    if side is Side.REPLY and (gained := after - before):
        yield "type-widened", f"readers meet the type {_listed(gained)}, which was not promised"


def values(old: Mapping[str, Any], new: Mapping[str, Any], side: Side) -> Iterator[Told]:
    """Yield the values that a request may no longer have, or a reply did not have."""
    before, after = _values_of(old), _values_of(new)
    if side is Side.REQUEST and after is not None:
        lost = None if before is None else before - after
        if lost is None:
            yield "enum-added", "only some values are allowed, and all were"
        elif lost:
            yield "enum-narrowed", f"{_listed(lost)} is no longer allowed"
    if side is Side.REPLY and before is not None:
        gained = None if after is None else after - before
        if gained is None:
            yield "enum-removed", "readers meet any value, and a closed list was promised"
        elif gained:
            yield "enum-widened", f"readers meet {_listed(gained)}, which was not promised"


def bounds(old: Mapping[str, Any], new: Mapping[str, Any], side: Side) -> Iterator[Told]:
    """Yield the bounds that are tighter for a request, or looser for a reply."""
    for name in _UPPER:
        yield from _bound(name, old.get(name), new.get(name), side, sign=1)
    for name in _LOWER:
        yield from _bound(name, old.get(name), new.get(name), side, sign=-1)


def _bound(name: str, old: Any, new: Any, side: Side, *, sign: int) -> Iterator[Told]:
    told = f"{name} was {_or_none(old)} and is {_or_none(new)}"
    if side is Side.REQUEST and new is not None and (old is None or sign * new < sign * old):
        yield "bound-tightened", told
    if side is Side.REPLY and old is not None and (new is None or sign * new > sign * old):
        yield "bound-loosened", told


def forms(old: Mapping[str, Any], new: Mapping[str, Any], side: Side) -> Iterator[Told]:
    """Yield patterns and formats that differ: what one of them allows cannot be compared with the other."""
    for name in _FORMS:
        before, after = old.get(name), new.get(name)
        promise = after if side is Side.REQUEST else before
        if before != after and promise is not None:
            yield f"{name}-changed", f"{name} was {_or_none(before)} and is {_or_none(after)}"


def unjudged(old: Mapping[str, Any], new: Mapping[str, Any], side: Side) -> Iterator[Told]:
    """Yield keywords whose change this comparison cannot judge: it counts as breaking."""
    for name in _UNJUDGED:
        before, after = old.get(name), new.get(name)
        promise = after if side is Side.REQUEST else before
        if before != after and promise is not None:
            yield "condition-changed", f"the condition `{name}` was changed, added or removed"


def _types_of(schema: Mapping[str, Any]) -> frozenset[str]:
    """Return the types that a schema allows; those of its alternatives, where it names them only there."""
    told = schema.get("type")
    if told is None:
        inside = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
        return frozenset().union(*map(_types_of, inside)) if inside else _TYPES
    found = {told} if isinstance(told, str) else set(told)
    return frozenset(found | {"integer"} if "number" in found else found)


def _values_of(schema: Mapping[str, Any]) -> frozenset[str] | None:
    if "const" in schema:
        return frozenset({repr(schema["const"])})
    return frozenset(map(repr, schema["enum"])) if "enum" in schema else None


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))


def _or_none(value: Any) -> str:
    return "absent" if value is None else f"`{value}`"
