"""JSON Schemas in the forms that code generators understand; they say the same as before.

Generators make a class of its own, or no type at all, of `anyOf` with null, and code that does not compile of an
empty array as a default. A nullable type is therefore written as `type: [T, "null"]`, which needs the object itself
where a reference was; it keeps its title, by which generators recognise it.
"""

from __future__ import annotations

from typing import Any

_NULL = {"type": "null"}
_NOTHING: tuple[object, ...] = (None, [])
"""Defaults that say no more than that the member may be absent."""


def plain(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Return a schema in these forms; ``definitions`` are what its references lead to, by the whole reference."""
    return {
        name: _plain(part, definitions) if name not in {"example", "examples"} else part
        for name, part in schema.items()
    }


def without_unused(schema: dict[str, Any]) -> dict[str, Any]:
    """Leave out the definitions in `$defs` to which no reference leads any more."""
    definitions = schema.get("$defs", {})
    rest = {name: part for name, part in schema.items() if name != "$defs"}
    used: set[str] = set()
    waiting = _references(rest)
    while waiting:
        used |= waiting
        waiting = {one for name in waiting for one in _references(definitions[name])} - used
    kept = {name: part for name, part in definitions.items() if name in used}
    return {
        name: kept if name == "$defs" else part for name, part in schema.items() if name != "$defs" or kept
    }


def _plain(schema: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_plain(part, definitions) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if _is_nullable(schema):
        schema = _with_null(schema, definitions)
    found = {
        name: _plain(part, definitions)
        for name, part in schema.items()
        if name != "default" or part not in _NOTHING
    }
    return _with_named_choices(found)


def _with_named_choices(schema: dict[str, Any]) -> dict[str, Any]:
    """Give the values that a member may have a title of their own: generators name the enumeration by it."""
    title, members = schema.get("title"), schema.get("properties")
    if not isinstance(title, str) or not isinstance(members, dict):
        return schema
    named = {
        name: {"title": f"{title}{name[:1].upper()}{name[1:]}", **part} if "enum" in part else part
        for name, part in members.items()
    }
    return {**schema, "properties": named}


def _is_nullable(schema: dict[str, Any]) -> bool:
    ways = schema.get("anyOf")
    return isinstance(ways, list) and len(ways) == 2 and _NULL in ways  # noqa: PLR2004 - a type and null


def _with_null(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    (other,) = (way for way in schema["anyOf"] if way != _NULL)
    rest = {name: part for name, part in schema.items() if name != "anyOf"}
    type_ = definitions[other["$ref"]] if "$ref" in other else other
    if not isinstance(type_.get("type"), str):
        return schema
    values = {"enum": [*type_["enum"], None]} if "enum" in type_ else {}
    if "const" in type_:
        values = {"enum": [type_["const"], None]}
    return {
        **{name: part for name, part in type_.items() if name != "const"},
        "type": [type_["type"], "null"],
        **values,
        **rest,
    }


def _references(schema: Any) -> set[str]:
    if isinstance(schema, list):
        return {one for part in schema for one in _references(part)}
    if not isinstance(schema, dict):
        return set()
    own = {schema["$ref"].rsplit("/", 1)[-1]} if isinstance(schema.get("$ref"), str) else set()
    return own | {one for part in schema.values() for one in _references(part)}
