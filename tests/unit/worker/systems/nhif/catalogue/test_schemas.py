"""JSON Schemas of documents in use: bounded, total, and told by the schema alone."""

from __future__ import annotations

import pytest

from worker.json_schema import MOST_BREACHES, JsonSchema, schema_problems
from worker.systems.nhif.catalogue.schemas import JsonDocuments


def schema_of(schema):
    return JsonDocuments(JsonSchema(schema))


def test_of_very_many_problems_the_first_are_reported():
    schema = schema_of({"items": {"type": "integer"}})
    assert len(schema.problems(["x"] * 1000)) == MOST_BREACHES


def test_a_schema_that_never_ends_on_some_documents_is_reported_and_not_raised():
    endless = {"properties": {"a": {"$ref": "#/properties/a"}}}
    assert schema_problems(endless) == []
    assert schema_of(endless).problems({}) == []
    (problem,) = schema_of(endless).problems({"a": 1})
    assert problem.message == "Inform the operator: the service's schema cannot be applied."


def test_numbers_at_the_edges_are_no_failures():
    schema = schema_of({"multipleOf": 0.01})
    for number in (1e308, -1e308, 5e-324, 10**400):
        schema.problems(number)


def test_formats_that_the_library_knows_count():
    schema = schema_of({"format": "date"})
    assert schema.problems("2025-02-28") == []
    assert [one.rule for one in schema.problems("2025-02-30")] == ["schema"]


def test_references_inside_the_file_are_followed():
    schema = {
        "$id": "https://example.test/own.json",
        "$defs": {"a": {"$anchor": "here", "type": "string"}, "b": {"$id": "b.json", "type": "integer"}},
        "properties": {"x": {"$ref": "#here"}, "y": {"$ref": "b.json"}},
    }
    assert schema_problems(schema) == []
    told = schema_of(schema).problems({"x": 1, "y": "1"})
    assert {one.path for one in told} == {"$.data.json.x", "$.data.json.y"}


def test_names_that_the_schema_does_not_have_are_not_reported():
    schema = schema_of(
        {"additionalProperties": {"type": "integer"}, "properties": {"line2": {"type": "integer"}}}
    )
    told = schema.problems({"P7223154154": "x", "line2": "x", "name": "x"})
    assert {one.path for one in told} == {"$.data.json.?", "$.data.json.line2", "$.data.json.name"}


@pytest.mark.parametrize(
    ("schema", "document", "words"),
    [
        ({"maxLength": 3}, "abcd", "maxLength 3"),
        ({"type": ["string", "null"]}, 1, 'type ["string", "null"]'),
        ({"enum": ["A", "B"]}, "C", 'enum ["A", "B"]'),
        ({"enum": ["x" * 300]}, "C", "the keyword enum"),
        ({"anyOf": [{"type": "string"}]}, 1, "the keyword anyOf"),
        ({"additionalProperties": False}, {"7223154154": 1}, "additionalProperties false"),
        ({"properties": {"a": False}}, {"a": 1}, "nothing may stand here"),
    ],
)
def test_a_breach_is_reported_by_the_schema(schema, document, words):
    (problem,) = schema_of(schema).problems(document)
    assert problem.message == f"Correct it by the service's schema: {words}."
