"""The published schemas have the forms that code generators and strict validators take, and describe every member."""

from __future__ import annotations

import re
from functools import cache

import pytest
from pydantic import BaseModel

from contracts.attribute_docs import descriptions
from contracts.export.asyncapi import document
from contracts.export.plain_forms import plain, without_unused
from contracts.export.schemas import components
from contracts.nhis.fields import Coded
from contracts.registry import EVENT_TYPES
from tests.support.node import node_program, run_script
from tests.support.published import published_schemas

PUBLISHED = published_schemas()
NAMES = (*PUBLISHED, "components")
NULL = {"type": "null"}


@cache
def schema_of(name):
    return {"$defs": components()} if name == "components" else PUBLISHED[name]


def nodes(schema):
    yield schema
    inside = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    for part in inside:
        yield from nodes(part)


def objects(schema):
    """Every (title, name, schema) of a member that an object has, save where it only says that one is given."""
    for node in nodes(schema):
        if isinstance(node, dict) and _has_members(node):
            for name, member in node["properties"].items():
                if isinstance(member, dict) and member != {"not": NULL}:
                    yield node.get("title"), name, member


def _has_members(node):
    """Whether it is the schema of an object; a mapping of members may have one of the name `properties` too."""
    members = node.get("properties")
    return isinstance(members, dict) and all(isinstance(one, dict) for one in members.values())


def test_ajv_takes_every_schema_in_its_strict_mode(root):
    done = run_script(node_program("ajv"), "ajv.mjs", root / "contracts" / "published" / "jsonschema")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_ajv_refuses_what_is_not_strict(tmp_path):
    (tmp_path / "a.json").write_text('{"type": ["string", "number"], "properties": {}}')
    assert run_script(node_program("ajv"), "ajv.mjs", tmp_path).returncode == 1


@pytest.mark.parametrize("name", NAMES)
def test_every_member_is_described(name):
    bare = [
        (title, member) for title, member, schema in objects(schema_of(name)) if not schema.get("description")
    ]
    assert bare == []


def test_every_header_is_described():
    messages = document()["components"]["messages"]
    assert [
        (message, header)
        for message, found in messages.items()
        for _, header, schema in objects(found["headers"])
        if not schema.get("description")
    ] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_description_has_a_meaning_beside_the_systems_own_name(name):
    """Names of elements in backticks, of systems and in brackets say where a member comes from, not what it is."""
    source = re.compile(r"`[^`]*`|\([^)]*\)|\b(NHIS|NHIF|eRx|FHIR|SHEP|extension)\b|[.,;:]")
    thin = [
        (title, member, schema["description"])
        for title, member, schema in objects(schema_of(name))
        if len(source.sub(" ", schema["description"]).split()) < 2
    ]
    assert thin == []


def test_a_coded_member_names_its_code_list():
    def coded(model, seen):
        for name, info in model.model_fields.items():
            described = descriptions(model)
            yield from ((name, one, described[name]) for one in info.metadata if isinstance(one, Coded))
            for part in nodes_of(info.annotation):
                if part not in seen:
                    yield from coded(part, seen | {part})

    def nodes_of(annotation):
        arguments = (annotation, *getattr(annotation, "__args__", ()))
        return [one for one in arguments if isinstance(one, type) and issubclass(one, BaseModel)]

    found = [one for contract in EVENT_TYPES.values() for one in coded(contract.model, {contract.model})]
    assert len(found) > 10
    assert [(name, one.list_id) for name, one, meaning in found if one.list_id not in meaning] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_form_that_generators_make_nothing_of(name):
    for node in nodes(schema_of(name)):
        if not isinstance(node, dict):
            continue
        assert not ("anyOf" in node and NULL in node["anyOf"]) or isinstance(
            node["anyOf"][0].get("anyOf"), list
        )
        assert node.get("default", 0) not in (None, [])
        for keyword in ("oneOf", "anyOf"):
            if isinstance(node.get(keyword), list) and "required" in node[keyword][0]:
                assert all(member.get("title") for member in node[keyword])


DEFINITIONS = {
    "#/$defs/A": {"title": "A", "type": "object", "properties": {"x": {"$ref": "#/$defs/B"}}},
    "#/$defs/B": {"title": "B", "type": "string", "enum": ["b"]},
}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            {"anyOf": [{"type": "string", "maxLength": 2}, NULL], "default": None},
            {"type": ["string", "null"], "maxLength": 2},
        ),
        ({"anyOf": [NULL, {"type": "integer"}]}, {"type": ["integer", "null"]}),
        (
            {"anyOf": [{"$ref": "#/$defs/B"}, NULL]},
            {"title": "B", "type": ["string", "null"], "enum": ["b", None]},
        ),
        (
            {"anyOf": [{"type": "string", "const": "c"}, NULL]},
            {"type": ["string", "null"], "enum": ["c", None]},
        ),
        (
            {"anyOf": [{"$ref": "#/$defs/A"}, NULL], "description": "D"},
            {
                "title": "A",
                "type": ["object", "null"],
                "properties": {"x": {"$ref": "#/$defs/B"}},
                "description": "D",
            },
        ),
        ({"type": "array", "default": []}, {"type": "array"}),
        ({"type": "integer", "default": 3}, {"type": "integer", "default": 3}),
        (
            {"anyOf": [{"type": "string"}, {"type": "integer"}]},
            {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        ),
        (
            {"title": "T", "properties": {"kind": {"type": "string", "enum": ["a"]}}},
            {"title": "T", "properties": {"kind": {"title": "TKind", "type": "string", "enum": ["a"]}}},
        ),
    ],
)
def test_forms(before, after):
    assert plain({"part": before}, DEFINITIONS) == {"part": after}


def test_definitions_that_nothing_refers_to_are_left_out():
    definitions = {name.rsplit("/", 1)[-1]: part for name, part in DEFINITIONS.items()}
    assert without_unused({"$ref": "#/$defs/B", "$defs": definitions})["$defs"] == {"B": definitions["B"]}
    assert without_unused({"$ref": "#/$defs/A", "$defs": definitions})["$defs"] == definitions
    assert without_unused({"type": "object", "$defs": definitions}) == {"type": "object"}
