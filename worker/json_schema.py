"""JSON Schema without a network: schemas are checked before they are used, and applied within bounds."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from jsonschema import FormatChecker
from jsonschema.exceptions import SchemaError
from jsonschema.validators import Draft202012Validator, validator_for
from referencing import Registry
from referencing.exceptions import NoSuchAnchor, NoSuchResource, PointerToNowhere, Unresolvable
from referencing.jsonschema import DRAFT202012, specification_with

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

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
        self._validator = kind(schema, registry=_NOTHING, format_checker=kind.FORMAT_CHECKER)

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
    if unresolved := _unresolved(schema):
        return [f"refers to {ref}, which is not in this file" for ref in unresolved]
    try:
        list(kind(schema, registry=_NOTHING).iter_errors(None))
    except RecursionError:
        return [_NEVER_ENDS]
    return []


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
