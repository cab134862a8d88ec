"""JSON Schema without a network: what is no schema is said, what cannot be applied is raised."""

from __future__ import annotations

import pytest

from worker.json_schema import FEW_STEPS, MOST_BREACHES, Inapplicable, JsonSchema, Unfinished, schema_problems


def test_of_very_many_breaches_the_first_are_reported():
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
def test_what_is_no_usable_schema_is_reported(schema, problem):
    (told,) = schema_problems(schema)
    assert told.startswith(problem)


def _says(schema, document):
    return [error.validator for error in JsonSchema(schema).breaches(document)]


@pytest.mark.parametrize(
    ("items", "twice"),
    [
        ([1, 2, 3], False),
        ([1, 1.0], True),
        ([1, True], False),
        ([0, False, None, "", [], {}], False),
        (["1", 1], False),
        ([{"a": 1, "b": [2]}, {"b": [2.0], "a": 1}], True),
        ([{"a": 1}, {"a": True}], False),
        ([[1, 2], [2, 1]], False),
        ([[1, [2]], [1, [2]]], True),
        ([["object", 1], {"object": 1}], False),
    ],
)
def test_equal_items_are_found_as_json_schema_means_it(items, twice):
    assert _says({"uniqueItems": True}, items) == (["uniqueItems"] if twice else [])
    assert _says({"uniqueItems": False}, items) == []


def test_many_items_that_cannot_be_sorted_are_compared_in_linear_time():
    """Each with each, 50,000 of them would take minutes."""
    items = [{"a": number} for number in range(50_000)]
    assert _says({"uniqueItems": True}, items) == []
    assert _says({"uniqueItems": True}, [*items, {"a": 49_999.0}]) == ["uniqueItems"]


def test_a_costly_pattern_is_matched_in_linear_time():
    """By Python's engine, 40 characters would take hours."""
    hostile = "a" * 100_000 + "!"
    assert _says({"pattern": "^(a+)+$"}, hostile) == ["pattern"]
    assert _says({"pattern": "^(a+)+!$"}, hostile) == []
    assert _says({"pattern": "b"}, "abc") == []  # anywhere in the text
    assert _says({"pattern": "b"}, 5) == []


def test_names_are_matched_in_linear_time_too():
    schema = {"patternProperties": {"^(a+)+$": {"type": "integer"}}}
    assert _says(schema, {"a" * 50_000 + "!": "x"}) == []
    (error,) = JsonSchema(schema).breaches({"aaa": "x"})
    assert (error.validator, list(error.absolute_path)) == ("type", ["aaa"])
    assert list(error.absolute_schema_path) == ["patternProperties", "^(a+)+$", "type"]


@pytest.mark.parametrize("pattern", [r"(?=a)b", r"(a)\1", r"(?<!x)y"])
def test_a_pattern_that_has_no_linear_time_is_refused_at_the_start(pattern):
    for schema in ({"items": {"pattern": pattern}}, {"patternProperties": {pattern: True}}):
        assert schema_problems(schema) == [f"the pattern {pattern!r} cannot be matched in linear time"]


BRANCHES = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "anyOf": [{"type": "object", "properties": {"a": {"$ref": "#"}}}] * 4,
}
"""Four ways at each level, and its target of references names a dialect, as most schemas do."""


def _nested(levels):
    return {"a": _nested(levels - 1)} if levels else "x"


def test_a_schema_that_branches_at_each_level_is_stopped_after_its_steps():
    """Without a bound, 4**25 ways would be tried."""
    assert _says(BRANCHES, _nested(2)) == ["anyOf"]
    with pytest.raises(Unfinished):
        JsonSchema(BRANCHES).breaches(_nested(25), FEW_STEPS)


@pytest.mark.parametrize(
    ("schema", "document"),
    [
        ({"items": {"type": "integer"}}, [1] * 10_000),
        ({"allOf": [{"items": True}] * 10}, [1] * 10_000),
        ({"items": {"properties": {f"p{number}": True for number in range(1000)}}}, [{}] * 100),
        ({"anyOf": [{"type": "string"}] * 20}, {f"k{number}": 1 for number in range(1000)}),
        ({"allOf": [{"uniqueItems": True}] * 10}, [{"a": number} for number in range(1000)]),
        ({"anyOf": [{"const": [[1]] * 1000}] * 10}, [[1]] * 999 + [2]),
        (
            {"patternProperties": {f"^a{number}": True for number in range(100)}},
            dict.fromkeys("abcdefgh" * 9, 1),
        ),
        ({"allOf": [{"pattern": "^(a+)+$"}] * 10}, "a" * 200_000),
        ({"$defs": {"a": {}}, "items": {"$ref": "#/$defs/a"}}, [1] * 1000),
        ({"unevaluatedItems": False, "contains": {"type": "string"}}, ["x"] * 3000),
    ],
    ids=[
        "items",
        "nothing",
        "wide",
        "quoted",
        "unique",
        "equal",
        "names",
        "text",
        "references",
        "unevaluated",
    ],
)
def test_what_takes_time_takes_steps(schema, document):
    few = 600
    with pytest.raises(Unfinished):
        JsonSchema(schema).breaches(document, few)
    JsonSchema(schema).breaches(document, 100 * few)


def test_names_beside_patterns_are_matched_in_linear_time_too():
    """By Python's engine, 40 characters would take hours."""
    schema = {"patternProperties": {"^(a+)+$": True}, "additionalProperties": False}
    assert _says(schema, {"aaa": 1}) == []
    assert _says(schema, {"a" * 50_000 + "!": 1}) == ["additionalProperties"]
    of_strings = {"additionalProperties": {"type": "string"}, "properties": {"n": True}}
    (error,) = JsonSchema(of_strings).breaches({"n": 1, "x": 1, "y": "1"})
    assert (error.validator, list(error.absolute_path)) == ("type", ["x"])


def test_a_schema_inside_that_names_its_dialect_is_bounded_as_well():
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schema = {**dialect, "items": {**dialect, "pattern": "^(a+)+$"}}
    assert _says(schema, ["a" * 100_000 + "!"]) == ["pattern"]
    with pytest.raises(Unfinished):
        JsonSchema(schema).breaches(["a"] * 1000, 100)


def test_unevaluated_members_are_not_searched_by_patterns_that_repeat():
    schema = {"patternProperties": {"^(a+)+$": True}, "unevaluatedProperties": False}
    (problem,) = schema_problems(schema)
    assert problem.startswith(
        "the pattern '^(a+)+$' repeats a part, which unevaluatedProperties cannot match"
    )
    assert schema_problems({"patternProperties": {"^x-": True}, "unevaluatedProperties": False}) == []


@pytest.mark.parametrize(
    ("value", "any_of", "one_of"),
    [(5, [], []), ("x", ["anyOf"], ["oneOf"]), (50, [], ["oneOf"]), (-1, [], [])],
)
def test_alternatives_count_as_json_schema_means_it(value, any_of, one_of):
    alternatives = [{"type": "integer"}, {"minimum": 10, "type": "number"}, False]
    assert _says({"anyOf": alternatives}, value) == any_of
    assert _says({"oneOf": alternatives}, value) == one_of
