"""JSON Schema without a network: schemas are checked before they are used, and applied within bounds.

Patterns are matched, and equal items found, in linear time: jsonschema's own ways are exponential and quadratic, and a
hospital's document of 1 MB would hold up every patient.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from jsonschema import FormatChecker
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.validators import Draft202012Validator, extend, validator_for
from referencing import Registry
from referencing.exceptions import NoSuchAnchor, NoSuchResource, PointerToNowhere, Unresolvable
from referencing.jsonschema import DRAFT202012, specification_with

from worker.linear_pattern import LinearPattern

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

MOST_BREACHES = 100
"""How many breaches of one document are reported."""
_NEVER_ENDS = "it refers to itself without end"
_NOTHING: Registry[Any] = Registry()
"""Resolves nothing that is not in the schema itself: jsonschema's own default would ask the network."""


class Inapplicable(Exception):
    """The schema cannot be applied to this document: validating would not end, or a number is too large."""


class JsonSchema:
    """A checked schema. Formats count where the library knows them without further packages."""

    def __init__(self, schema: Any) -> None:
        kind = validator_for(schema, default=Draft202012Validator)
        self._validator = extend(kind, _LINEAR)(schema, registry=_NOTHING, format_checker=kind.FORMAT_CHECKER)

    def breaches(self, document: object) -> list[ValidationError]:
        """Return every breach, the first of very many. Their messages quote the document. Raises Inapplicable."""
        try:
            return list(islice(self._validator.iter_errors(document), MOST_BREACHES))
        except (RecursionError, ArithmeticError):
            raise Inapplicable from None


def schema_problems(schema: Any) -> list[str]:
    """Return what is wrong with a schema, as sentences."""
    if not isinstance(schema, dict):
        return ["a JSON Schema is a JSON object"]
    kind = validator_for(schema, default=Draft202012Validator)
    if "$schema" in schema and validator_for(schema, default=None) is None:
        return ["its $schema is unknown to Herald; use https://json-schema.org/draft/2020-12/schema"]
    try:
        kind.check_schema(schema, format_checker=FormatChecker(["regex"]))
    except SchemaError as error:
        return [f"is no valid JSON Schema: see {error.json_path}"]
    if faults := [
        *_costly(schema),
        *(f"refers to {ref}, which is not in this file" for ref in _unresolved(schema)),
    ]:
        return faults
    try:
        list(kind(schema, registry=_NOTHING).iter_errors(None))
    except RecursionError:
        return [_NEVER_ENDS]
    return []


def _costly(schema: Any) -> list[str]:
    return [
        f"the pattern {one!r} cannot be matched in linear time"
        for one in _patterns(schema)
        if not _is_linear(one)
    ]


def _patterns(schema: Any) -> Iterator[str]:
    """Yield the regular expressions in a schema, and what only looks like one, wherever they stand."""
    waiting = [schema]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if isinstance(pattern := one.get("pattern"), str):
                yield pattern
            if isinstance(named := one.get("patternProperties"), dict):
                yield from named
        waiting += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()


def _is_linear(pattern: str) -> bool:
    try:
        LinearPattern(pattern)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=1000)
def _linear(pattern: str) -> LinearPattern:
    return LinearPattern(pattern)


def _pattern(_: object, pattern: str, instance: object, __: object) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not _linear(pattern).occurs_in(instance):
        yield ValidationError("the text does not match")


def _pattern_properties(
    validator: Any, named: dict[str, Any], instance: object, _: object
) -> Iterator[ValidationError]:
    if not isinstance(instance, dict):
        return
    for pattern, schema in named.items():
        for name, value in instance.items():
            if _linear(pattern).occurs_in(name):
                yield from validator.descend(value, schema, path=name, schema_path=pattern)


def _unique_items(_: object, wanted: object, instance: object, __: object) -> Iterator[ValidationError]:
    if wanted and isinstance(instance, list) and len({_frozen(one) for one in instance}) < len(instance):
        yield ValidationError("an item is there twice")


def _frozen(value: object) -> Hashable:
    """Return what is equal for equal JSON values only: 1 and 1.0 are, 1 and true are not."""
    if isinstance(value, dict):
        return ("object", frozenset((name, _frozen(one)) for name, one in value.items()))
    if isinstance(value, list):
        return ("array", tuple(map(_frozen, value)))
    return (isinstance(value, bool), value)


_LINEAR = {"pattern": _pattern, "patternProperties": _pattern_properties, "uniqueItems": _unique_items}


def _unresolved(schema: Any) -> list[str]:
    """Return the references that lead out of the file or nowhere."""
    specification = specification_with(schema.get("$schema", ""), default=DRAFT202012)
    resource = specification.create_resource(schema)
    registry = _NOTHING.with_resource(resource.id() or "", resource).crawl()
    waiting = [(resource, registry.resolver_with_root(resource))]
    missing: list[str] = []
    while waiting:
        one, resolver = waiting.pop()
        for keyword in ("$ref", "$dynamicRef"):
            ref = one.contents.get(keyword) if isinstance(one.contents, dict) else None
            if isinstance(ref, str):
                try:
                    resolver.lookup(ref)
                except (Unresolvable, NoSuchResource, PointerToNowhere, NoSuchAnchor):
                    missing.append(ref)
        waiting += [(inner, resolver.in_subresource(inner)) for inner in one.subresources()]
    return missing
