"""JSON Schema without a network: schemas are checked before they are used, and applied within bounds."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from jsonschema import FormatChecker
from jsonschema.exceptions import SchemaError
from jsonschema.validators import Draft202012Validator, validator_for
from referencing import Registry
from referencing.exceptions import NoSuchAnchor, NoSuchResource, PointerToNowhere, Unresolvable
from referencing.jsonschema import DRAFT202012, specification_with

from worker.json_keywords import TooManySteps, at_most, bounded
from worker.linear_pattern import LinearPattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema.exceptions import ValidationError

MOST_BREACHES = 100
"""How many breaches of one document are reported."""
MOST_STEPS = 1_000_000
"""The most that one check may take, keywords applied to values: 5 to 10 seconds. A record of 1 MB needs about half of
them by a schema that applies a few keywords to each value."""
FEW_STEPS = 5_000
"""What a check may take on the event loop: 50 milliseconds."""
_REPEATS = re.compile(r"[*+?{]")
_NEVER_ENDS = "it refers to itself without end"
_NOTHING: Registry[Any] = Registry()
"""Resolves nothing that is not in the schema itself: jsonschema's own default would ask the network."""


class Inapplicable(Exception):
    """The schema cannot be applied to this document: validating would not end, or a number is too large."""


class Unfinished(Exception):
    """The check was stopped, as it had taken all the steps that it was given."""


class JsonSchema:
    """A checked schema. Formats count where the library knows them without further packages."""

    def __init__(self, schema: Any) -> None:
        kind = validator_for(schema, default=Draft202012Validator)
        self._validator = bounded(kind)(schema, registry=_NOTHING, format_checker=kind.FORMAT_CHECKER)

    def breaches(self, document: object, steps: int = MOST_STEPS) -> list[ValidationError]:
        """Return every breach, the first of very many; their messages quote the document.

        Raises Inapplicable, and Unfinished where the check takes more than ``steps``.
        """
        try:
            with at_most(steps):
                return list(islice(self._validator.iter_errors(document), MOST_BREACHES))
        except TooManySteps:
            raise Unfinished from None
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
    costly = [
        f"the pattern {one!r} cannot be matched in linear time"
        for one in _patterns(schema, "pattern", "patternProperties")
        if not _is_linear(one)
    ]
    # The library itself searches for unevaluated members, by Python's patterns: these repeat nothing, or may be slow.
    if not costly and "unevaluatedProperties" in _names(schema):
        costly = [
            f"the pattern {one!r} repeats a part, which unevaluatedProperties cannot match in linear time; "
            "use additionalProperties"
            for one in _patterns(schema, "patternProperties")
            if _REPEATS.search(one)
        ]
    return costly


def _patterns(schema: Any, *keywords: str) -> Iterator[str]:
    """Yield the regular expressions in a schema, and what only looks like one, wherever they stand."""
    for one in _objects(schema):
        for keyword in keywords:
            found = one.get(keyword)
            yield from [found] if isinstance(found, str) else found if isinstance(found, dict) else ()


def _names(schema: Any) -> set[str]:
    return {name for one in _objects(schema) for name in one}


def _objects(schema: Any) -> Iterator[dict[str, Any]]:
    waiting = [schema]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield one
        waiting += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()


def _is_linear(pattern: str) -> bool:
    try:
        LinearPattern(pattern)
    except ValueError:
        return False
    return True


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
