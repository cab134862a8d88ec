"""Compares two versions of a JSON Schema by their structure, and says which change breaks whom. Pure.

It covers the keywords that the published schemas use. Of a keyword that it cannot judge, every change that may break
counts. Libraries that compare schemas answer only yes or no, or refuse these schemas: a developer needs to know which
member of which event is concerned, and what to do.
"""

from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeAlias

from contracts.compatibility import keywords
from contracts.compatibility.changes import Breaking, Side

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Schema: TypeAlias = "Mapping[str, Any]"
_LOCAL = "#/$defs/"
_EITHER = ("anyOf", "oneOf")
_RULES = (keywords.types, keywords.values, keywords.bounds, keywords.forms, keywords.unjudged)


def breaking_changes(name: str, old: Schema, new: Schema, side: Side) -> list[Breaking]:
    """Return the breaking changes of one schema, each once. Schemas refer only to their own `$defs`."""
    found = _Comparison(name, old, new, side).at("$", old, new)
    return list(dict.fromkeys(found))


class _Comparison:
    """One pair of documents; ``_inside`` ends the walk where a schema contains itself."""

    def __init__(self, name: str, old: Schema, new: Schema, side: Side) -> None:
        self._name = name
        self._old = old
        self._new = new
        self._side = side
        self._inside: set[tuple[str, str]] = set()

    def at(self, path: str, old: Any, new: Any) -> Iterator[Breaking]:
        """Yield the breaking changes at a path and below it."""
        old, new = _resolved(old, self._old), _resolved(new, self._new)
        pair = _plain(old), _plain(new)
        if pair in self._inside:
            return
        self._inside.add(pair)
        for rule in _RULES:
            yield from (self._told(path, *told) for told in rule(old, new, self._side))
        yield from self._members(path, old, new)
        yield from self._further(path, old, new)
        yield from self._matched(path, old.get("allOf", ()), new.get("allOf", ()), all_of=True)
        yield from self._alternatives(path, old, new)
        self._inside.discard(pair)

    def _members(self, path: str, old: Schema, new: Schema) -> Iterator[Breaking]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for name in before:
            if name in after:
                yield from self.at(f"{path}.{name}", before[name], after[name])
            else:
                yield self._told(f"{path}.{name}", "member-removed", "the member is gone")
        needed, promised = set(old.get("required", ())), set(new.get("required", ()))
        if self._side is Side.REQUEST:
            for name in sorted(promised - needed):
                yield self._told(
                    f"{path}.{name}", "member-required", "the member is required, and was optional"
                )
        else:
            for name in sorted((needed - promised) & set(after)):
                yield self._told(
                    f"{path}.{name}", "member-optional", "the member may be absent, and was promised"
                )

    def _further(self, path: str, old: Schema, new: Schema) -> Iterator[Breaking]:
        """Compare what is said of further members and of items."""
        before, after = old.get("additionalProperties", True), new.get("additionalProperties", True)
        if self._side is Side.REQUEST and after is False and before is not False:
            yield self._told(path, "members-closed", "further members are refused, and were allowed")
        elif isinstance(before, dict) or isinstance(after, dict):
            yield from self.at(f"{path}.*", _schema(before), _schema(after))
        if "items" in old or "items" in new:
            yield from self.at(f"{path}[]", _schema(old.get("items", True)), _schema(new.get("items", True)))

    def _alternatives(self, path: str, old: Schema, new: Schema) -> Iterator[Breaking]:
        """Compare `anyOf` and `oneOf`."""
        before, after = _either(old), _either(new)
        if before is None and after is None:
            return
        yield from self._matched(path, before or [_own(old)], after or [_own(new)], all_of=False)

    def _matched(
        self, path: str, old: Sequence[Any], new: Sequence[Any], *, all_of: bool
    ) -> Iterator[Breaking]:
        """Compare each schema of a list with its counterpart.

        Alternatives: a request keeps its old ones, and a reply gets no new one. Conditions (``all_of``): a request
        meets no new one, and a reply keeps the old ones.
        """
        what = "condition" if all_of else "alternative"
        old_stay = (self._side is Side.REQUEST) is not all_of
        free = list(new if old_stay else old)
        for one in old if old_stay else new:
            other = _counterpart(one, free)
            if other is None:
                rule, verb = ("removed", "is gone") if old_stay else ("added", "is new")
                yield self._told(path, f"{what}-{rule}", f"the {what} {_label(one)} {verb}")
                continue
            free.remove(other)
            yield from self.at(path, *((one, other) if old_stay else (other, one)))

    def _told(self, path: str, rule: str, detail: str) -> Breaking:
        return Breaking(self._name, path, rule, detail)


def _resolved(schema: Any, document: Schema) -> Schema:
    """Return what a reference stands for, with the keywords beside it."""
    found = _schema(schema)
    while (reference := found.get("$ref")) is not None:
        if not str(reference).startswith(_LOCAL):
            raise ValueError(f"{reference} is no reference to $defs of the same schema")
        beside = {name: value for name, value in found.items() if name != "$ref"}
        found = {**document["$defs"][reference.removeprefix(_LOCAL)], **beside}
    return found


def _schema(schema: Any) -> Schema:
    """Return the boolean schemas as objects."""
    if isinstance(schema, bool):
        return {} if schema else {"not": {}}
    found: Schema = schema
    return found


def _either(schema: Schema) -> list[Any] | None:
    found = [schema[name] for name in _EITHER if name in schema]
    return list(chain.from_iterable(found)) if found else None


def _own(schema: Schema) -> Schema:
    """Return a schema as the only alternative."""
    return {name: value for name, value in schema.items() if name not in {*_EITHER, "allOf", "$defs"}}


def _counterpart(one: Any, others: Sequence[Any]) -> Any | None:
    """Return the equal schema, else the one with the same name, else the first of the same type, else None."""
    for same in (_plain, _label, _kind):
        found = next((other for other in others if same(other) == same(one)), None)
        if found is not None:
            return found
    return None


def _label(schema: Any) -> str:
    """Return how a schema of a list is called."""
    told = schema.get("$ref", "").removeprefix(_LOCAL) or schema.get("title") or schema.get("type")
    return str(told or _plain(schema)[:80])


def _kind(schema: Any) -> str:
    return str(schema.get("type", "object" if "properties" in schema or "$ref" in schema else "any"))


def _plain(schema: Any) -> str:
    return json.dumps(schema, sort_keys=True, ensure_ascii=False)
