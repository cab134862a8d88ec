"""JSON Schema without a network: what is no schema is said, what cannot be applied is raised."""

from __future__ import annotations

import pytest

from worker.json_schema import MOST_BREACHES, Inapplicable, JsonSchema, schema_problems


def test_of_very_many_breaches_the_first_are_told():
    assert len(JsonSchema({"items": {"type": "integer"}}).breaches(["x"] * 1000)) == MOST_BREACHES


def test_a_schema_that_never_ends_on_some_documents_cannot_be_applied_to_them():
    endless = {"properties": {"a": {"$ref": "#/properties/a"}}}
    assert schema_problems(endless) == []
    assert JsonSchema(endless).breaches({}) == []
    with pytest.raises(Inapplicable):
        JsonSchema(endless).breaches({"a": 1})


def test_numbers_at_the_edges_never_raise_anything_else():
    schema = JsonSchema({"multipleOf": 0.01})
    for number in (1e308, -1e308, 5e-324):
        schema.breaches(number)
    with pytest.raises(Inapplicable):
        schema.breaches(10**400)


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ([], "a JSON Schema is a JSON object"),
        ({"$schema": "urn:unknown"}, "its $schema is unknown to Herald"),
        ({"type": "number of things"}, "is no valid JSON Schema: see $.type"),
        (
            {"$ref": "https://example.test/other.json"},
            "refers to https://example.test/other.json, which is not",
        ),
        ({"$ref": "#"}, "it refers to itself without end"),
    ],
)
def test_what_is_no_usable_schema_is_told(schema, problem):
    (told,) = schema_problems(schema)
    assert told.startswith(problem)
