"""Each kind of change of a schema: which breaks a sender, which a reader, and which nobody."""

from __future__ import annotations

import pytest

from contracts.compatibility.changes import Side
from contracts.compatibility.compare import breaking_changes


def of(**members):
    return {"type": "object", "properties": members, "additionalProperties": False}


def rules(old, new, side):
    return [(one.path, one.rule) for one in breaking_changes("s", old, new, side)]


TEXT, NUMBER, NULL = {"type": "string"}, {"type": "integer"}, {"type": "null"}
OPTIONAL = {"type": ["string", "null"]}


def enum(*values):
    return {"enum": list(values), "type": "string"}


# old, new, the rule that a sender's documents break by, and the one that readers break by; None: nobody breaks.
CASES = {
    "nothing": (TEXT, TEXT, None, None),
    "type changed": (TEXT, NUMBER, "type-narrowed", "type-widened"),
    "null no longer allowed": (OPTIONAL, TEXT, "type-narrowed", None),
    "null allowed": (TEXT, OPTIONAL, None, "type-widened"),
    "integer becomes number": (NUMBER, {"type": "number"}, None, "type-widened"),
    "number becomes integer": ({"type": "number"}, NUMBER, "type-narrowed", None),
    "type named": ({}, TEXT, "type-narrowed", None),
    "type no longer named": (TEXT, {}, None, "type-widened"),
    "value removed": (enum("a", "b"), enum("a"), "enum-narrowed", None),
    "value added": (enum("a"), enum("a", "b"), None, "enum-widened"),
    "value renamed": (enum("a"), enum("b"), "enum-narrowed", "enum-widened"),
    "list of values added": (TEXT, enum("a"), "enum-added", None),
    "list of values dropped": (enum("a"), TEXT, None, "enum-removed"),
    "constant changed": ({"const": 1}, {"const": 2}, "enum-narrowed", "enum-widened"),
    "constant becomes list": ({"const": "a"}, {"enum": ["a", "b"]}, None, "enum-widened"),
    "maximum lowered": ({"maxLength": 9}, {"maxLength": 8}, "bound-tightened", None),
    "maximum raised": ({"maxLength": 9}, {"maxLength": 10}, None, "bound-loosened"),
    "maximum added": ({}, {"maximum": 1}, "bound-tightened", None),
    "maximum dropped": ({"maxItems": 1}, {}, None, "bound-loosened"),
    "minimum raised": ({"minimum": 1}, {"minimum": 2}, "bound-tightened", None),
    "minimum lowered": ({"minItems": 2}, {"minItems": 1}, None, "bound-loosened"),
    "pattern changed": ({"pattern": "a"}, {"pattern": "b"}, "pattern-changed", "pattern-changed"),
    "pattern added": ({}, {"pattern": "a"}, "pattern-changed", None),
    "pattern dropped": ({"pattern": "a"}, {}, None, "pattern-changed"),
    "format changed": ({"format": "date"}, {"format": "date-time"}, "format-changed", "format-changed"),
    "condition changed": ({"not": {"const": 1}}, {"not": {"const": 2}}, "condition-changed", "condition-changed"),
    "condition added": ({}, {"if": {}, "then": {}}, "condition-changed", None),
    "further members refused": ({"type": "object"}, of(), "members-closed", None),
    "further members allowed": (of(), {"type": "object"}, None, None),  # readers ignore them
    "alternative removed": ({"anyOf": [TEXT, NULL]}, {"anyOf": [TEXT]}, "alternative-removed", None),
    "alternative added": ({"anyOf": [TEXT]}, {"anyOf": [TEXT, NUMBER]}, None, "alternative-added"),
    "alternatives in another order": ({"oneOf": [TEXT, NULL]}, {"oneOf": [NULL, TEXT]}, None, None),
    "null by an alternative": (TEXT, {"anyOf": [TEXT, NULL]}, None, "alternative-added"),
    "null by no alternative": ({"anyOf": [TEXT, NULL]}, TEXT, "alternative-removed", None),
    "conjunction added": ({}, {"allOf": [{"required": ["a"]}]}, "condition-added", None),
    "conjunction dropped": ({"allOf": [{"required": ["a"]}]}, {}, None, "condition-removed"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_member(name):
    old, new, sender, reader = CASES[name]
    for side, expected in ((Side.REQUEST, sender), (Side.REPLY, reader)):
        found = rules(of(a=old), of(a=new), side)
        assert {path for path, _ in found} <= {"$.a"}
        assert (expected in [rule for _, rule in found]) if expected else found == []


@pytest.mark.parametrize(
    ("old", "new", "sender", "reader"),
    [
        (of(a=TEXT, b=TEXT), of(a=TEXT), [("$.b", "member-removed")], [("$.b", "member-removed")]),
        (of(a=TEXT), of(a=TEXT, b=TEXT), [], []),
        (of(a=TEXT), of(b=TEXT), [("$.a", "member-removed")], [("$.a", "member-removed")]),
        (of(a=TEXT), of(a=TEXT) | {"required": ["a"]}, [("$.a", "member-required")], []),
        (of(a=TEXT) | {"required": ["a"]}, of(a=TEXT), [], [("$.a", "member-optional")]),
        (of(a=TEXT), of(a=TEXT, b=TEXT) | {"required": ["b"]}, [("$.b", "member-required")], []),
    ],
)
def test_members(old, new, sender, reader):
    assert rules(old, new, Side.REQUEST) == sender
    assert rules(old, new, Side.REPLY) == reader


@pytest.mark.parametrize(
    ("place", "wrap"),
    [
        ("$.a.b", lambda schema: of(a=of(b=schema))),
        ("$.a[]", lambda schema: of(a={"type": "array", "items": schema})),
        ("$.a.*", lambda schema: of(a={"type": "object", "additionalProperties": schema})),
        ("$.a", lambda schema: of(a={"$ref": "#/$defs/A"}) | {"$defs": {"A": schema}}),
        ("$.a", lambda schema: of(a={"anyOf": [schema | {"title": "T"}, NULL]})),
        ("$.a", lambda schema: of(a={"allOf": [schema | {"title": "T"}]})),
    ],
)
def test_changes_are_found_wherever_they_are(place, wrap):
    assert rules(wrap(enum("a", "b")), wrap(enum("a")), Side.REQUEST) == [(place, "enum-narrowed")]
    assert rules(wrap(enum("a")), wrap(enum("a", "b")), Side.REPLY) == [(place, "enum-widened")]


def test_one_definition_that_is_used_twice_is_told_at_both_places():
    def schema(values):
        return of(a={"$ref": "#/$defs/A"}, b={"$ref": "#/$defs/A"}) | {"$defs": {"A": enum(*values)}}

    assert rules(schema("xy"), schema("x"), Side.REQUEST) == [
        ("$.a", "enum-narrowed"),
        ("$.b", "enum-narrowed"),
    ]


def test_a_schema_that_contains_itself_ends():
    def tree(leaf):
        return {"$ref": "#/$defs/T", "$defs": {"T": of(leaf=leaf, more={"$ref": "#/$defs/T"})}}

    assert rules(tree(TEXT), tree(TEXT), Side.REQUEST) == []
    assert rules(tree(TEXT), tree(NUMBER), Side.REQUEST)[0] == ("$.leaf", "type-narrowed")


def test_a_reference_to_elsewhere_is_refused():
    with pytest.raises(ValueError, match="no reference to"):
        rules(of(a={"$ref": "other.json"}), of(a=TEXT), Side.REQUEST)


def test_a_change_is_one_sentence():
    (found,) = breaking_changes("nhis.x.v1", of(a=enum("a", "b")), of(a=enum("a")), Side.REQUEST)
    assert str(found) == "nhis.x.v1 $.a [enum-narrowed]: 'b' is no longer allowed."
