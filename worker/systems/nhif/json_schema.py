"""JSON Schema without the network, and its breaches in our sentences: path, keyword, never a value."""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from jsonschema import FormatChecker
from jsonschema.exceptions import SchemaError
from jsonschema.validators import Draft202012Validator, validator_for
from referencing import Registry
from referencing.exceptions import NoSuchAnchor, NoSuchResource, PointerToNowhere, Unresolvable
from referencing.jsonschema import DRAFT202012, specification_with

from contracts.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema.exceptions import ValidationError

JSON_PATH = "$.data.json"
MOST_PROBLEMS = 100
"""Of one document that are told."""
_LONGEST_RULE = 200
_TELLABLE = re.compile(r"[A-Za-z_]{1,40}")
_NEVER_ENDS = "it refers to itself without end"
_NOTHING: Registry[Any] = Registry()
"""Resolves nothing that is not in the schema itself: jsonschema's own default would ask the network."""


class JsonSchema:
    """A checked schema. Formats count where the library knows them without further packages."""

    def __init__(self, schema: Any) -> None:
        kind = validator_for(schema, default=Draft202012Validator)
        self._validator = kind(schema, registry=_NOTHING, format_checker=kind.FORMAT_CHECKER)

    def problems(self, document: object) -> list[Problem]:
        """Return every breach, the first of very many."""
        try:
            found = islice(self._validator.iter_errors(document), MOST_PROBLEMS)
            return list(dict.fromkeys(problem for error in found for problem in _problems(error)))
        except (RecursionError, ArithmeticError):
            return [
                Problem(JSON_PATH, "schema", "Tell the operator: the service's schema cannot be applied.")
            ]


def schema_problems(schema: Any) -> list[str]:
    """Return what is wrong with a schema, as sentences."""
    if not isinstance(schema, dict):
        return ["a JSON Schema is a JSON object"]
    kind = validator_for(schema, default=Draft202012Validator)
    if "$schema" in schema and validator_for(schema, default=None) is None:
        return ["its $schema is none that Herald knows; use https://json-schema.org/draft/2020-12/schema"]
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


def _problems(error: ValidationError) -> Iterator[Problem]:
    path = _path(error)
    if error.validator == "required" and isinstance(error.instance, dict):
        for name in error.validator_value:
            if name not in error.instance:
                yield Problem(
                    f"{path}.{name}", "required", "Give this field: the service's schema requires it."
                )
    else:
        yield Problem(path, "schema", f"Correct it by the service's schema: {_rule(error)}.")


def _rule(error: ValidationError) -> str:
    """Quote the schema, never the document."""
    if error.validator is None:  # the schema is `false`
        return "nothing may stand here"
    text = json.dumps(error.validator_value, ensure_ascii=False)
    simple = not isinstance(error.validator_value, dict) and len(text) <= _LONGEST_RULE
    return f"{error.validator} {text}" if simple and "{" not in text else f"the keyword {error.validator}"


def _path(error: ValidationError) -> str:
    """Return the JSON path; names that the schema does not have are the sender's text, and are not told."""
    known = set(map(str, error.absolute_schema_path))
    parts = [
        f"[{part}]" if isinstance(part, int)
        else f".{part}" if part in known or _TELLABLE.fullmatch(part)
        else ".?"
        for part in error.absolute_path
    ]  # fmt: skip
    return JSON_PATH + "".join(parts)
