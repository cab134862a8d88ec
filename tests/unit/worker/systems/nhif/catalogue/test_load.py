"""The catalogue: what it gives, and for every bad one all its problems as sentences."""

from __future__ import annotations

import json

import pytest
import yaml

from tests.unit.worker.systems.nhif.conftest import XSD
from worker.configuration_error import ConfigurationError
from worker.systems.nhif.catalogue.load import SHIPPED, load_catalogue
from worker.systems.nhif.catalogue.services import Key, Media, Method
from worker.systems.port import Recovery

_NO_TAG = "could not determine a constructor for the tag"
PBR001 = Key("pspsmi", "v1.2", "PBR001")
GET = "{module: m, version: v1, service: s, method: GET"
POST = "{module: m, version: v1, service: s, method: POST"


@pytest.fixture
def load(tmp_path):
    (tmp_path / "good.json").write_text('{"type": "object"}')
    (tmp_path / "good.xsd").write_text(XSD)
    file = tmp_path / "own.yaml"

    def load(text: str):
        file.write_text(text, encoding="utf-8")
        return load_catalogue(file)

    return load


@pytest.fixture
def problems(load, tmp_path):
    def problems(text: str) -> list[str]:
        with pytest.raises(ConfigurationError) as error:
            load(text)
        return [problem.replace(f"{tmp_path}/", "") for problem in error.value.problems]

    return problems


def test_what_ships_is_the_one_service_that_the_specification_names():
    shipped = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    assert [Key(one["module"], one["version"], one["service"]) for one in shipped["services"]] == [PBR001]
    service = load_catalogue(None).get(PBR001)
    assert (service.method, service.recovery) == (Method.POST, Recovery.HOLD)
    assert (service.document.media, service.document.schema) == (Media.ANY, None)


def test_an_operator_adds_services_and_replaces_the_shipped_one(load):
    catalogue = load(
        "services:\n"
        f"  - {GET}}}\n"
        "  - {module: pspsmi, version: v1.2, service: PBR001, method: POST, body: {media: json, schema: good.json}}\n"
    )
    assert catalogue.get(PBR001).document.media is Media.JSON
    assert catalogue.get(Key("m", "v1", "s")).recovery is Recovery.REPEAT


@pytest.mark.parametrize(
    ("entry", "recovery"),
    [
        (GET + "}", Recovery.REPEAT),
        (POST + "}", Recovery.HOLD),
        (POST + ", recovery: hold}", Recovery.HOLD),
        (POST + ", recovery: repeat}", Recovery.REPEAT),
        (POST + ", recovery: same-identity}", Recovery.SAME_IDENTITY),
    ],
)
def test_a_document_is_held_unless_its_entry_says_otherwise(load, entry, recovery):
    assert load(f"services: [{entry}]").get(Key("m", "v1", "s")).recovery is recovery


ENTRIES = [
    ("{}", ["module: is required", "version: is required", "service: is required", "method: is required"]),
    ("just text", ["must be a mapping of fields"]),
    (GET + ", colour: red}", ["colour (m/v1/s): there is no such field"]),
    (GET.replace("GET", "PUT") + "}", ["method (m/v1/s): must be 'GET' or 'POST'"]),
    (GET.replace("v1", "1.2") + "}", ["version: must be a text: put it in quotation marks"]),
    (
        GET.replace("service: s", "service: ../s") + "}",
        [
            "service (m/v1/../s): must be at most 64 letters a-z, digits and . _ -, beginning with a letter or digit"
        ],
    ),
    (GET + ", body: {media: json}}", ["body (m/v1/s): leave it out: a GET sends no document"]),
    (
        GET + ", recovery: hold}",
        ["recovery (m/v1/s): leave it out: a GET only reads, and is always repeated"],
    ),
    (POST + ", recovery: look-up-first}", ["recovery (m/v1/s): must be 'repeat', 'same-identity' or 'hold'"]),
    (
        POST + ", parameters: [{name: a, type: string}]}",
        ["parameters (m/v1/s): leave them out: only a GET has parameters (the specification, 3)"],
    ),
    (
        GET + ", parameters: [{name: a, type: text}, {name: '1', type: string}]}",
        [
            "parameters[0].type (m/v1/s): must be 'string', 'integer', 'number', 'date' or 'boolean'",
            "parameters[1].name (m/v1/s): must be at most 64 letters a-z, digits and _, beginning with a letter",
        ],
    ),
    (
        GET + ", parameters: [{name: a, type: string, required: false}, {name: b, type: string}]}",
        ["parameters[1].required (m/v1/s): put it before a: nothing required may follow an optional part"],
    ),
    (
        GET + ", parameters: [{name: a, type: string}, {name: a, type: date}]}",
        ["parameters[1].name (m/v1/s): give each parameter a name of its own: a is there twice"],
    ),
    (
        GET + ", parameters: [{name: a, type: integer, pattern: x, max_length: 3}]}",
        [
            "parameters[0].pattern (m/v1/s): leave it out: only a parameter of type string has it",
            "parameters[0].max_length (m/v1/s): leave it out: only a parameter of type string has it",
        ],
    ),
    (
        GET + ", parameters: [{name: a, type: string, pattern: '['}]}",
        [
            "parameters[0].pattern (m/v1/s): must be a regular expression, without look-around and back references"
        ],
    ),
    *(
        (
            GET + f", parameters: [{{name: a, type: string, pattern: '{pattern}'}}]}}",
            [
                (
                    "parameters[0].pattern (m/v1/s): must be a regular expression, without look-around and back "
                    "references"
                )
            ],
        )
        for pattern in ("a{99999999999999999999}", "(?=a)a", "a)|(b")
    ),
    (GET + ", answer: pdf}", ["answer (m/v1/s): must be 'any', 'json' or 'xml'"]),
    (
        POST + ", body: {media: multipart, content_type: multipart/form-data}}",
        ["body.content_type (m/v1/s): leave it out: a multipart body names the boundary of its parts there"],
    ),
    (
        POST + ", body: {media: binary, schema: good.json}}",
        ["body.schema (m/v1/s): say first whether the body's media is json or xml"],
    ),
    (
        GET + ", parameters: [{name: a, type: string, in: header}]}",
        ["parameters[0].in (m/v1/s): must be 'path' or 'query'"],
    ),
    (
        POST + ", body: {media: pdf}}",
        ["body.media (m/v1/s): must be 'any', 'json', 'xml', 'binary' or 'multipart'"],
    ),
    (
        POST + ", body: {schema: good.json, content_type: application/json}}",
        [
            "body.content_type (m/v1/s): say first what the body's media is",
            "body.schema (m/v1/s): say first whether the body's media is json or xml",
        ],
    ),
    (
        POST + ', body: {media: json, content_type: "application/json\\r\\nx: y"}}',
        ["body.content_type (m/v1/s): must be a media type, as in application/json"],
    ),
    (
        POST + ", body: {media: json, schema: ../good.json}}",
        ["body.schema (m/v1/s): must be the path of a file in the catalogue's folder or below, without .."],
    ),
    (
        POST + ", body: {media: json, schema: gone.json}}",
        ["body.schema (m/v1/s): gone.json cannot be read: No such file or directory"],
    ),
    (POST + ", body: {media: json, schema: good.xsd}}", ["body.schema (m/v1/s): good.xsd is not JSON"]),
    (
        POST + ", body: {media: json, schema: good.json, root: a}}",
        ["body.root (m/v1/s): leave it out: it belongs to a body of media xml with a schema"],
    ),
    (
        POST + ", body: {media: xml, schema: good.xsd}}",
        ["body.root (m/v1/s): name the document's root element, which the schema must declare"],
    ),
    (
        POST + ", body: {media: xml, schema: good.xsd, root: other}}",
        ["body.schema (m/v1/s): good.xsd: declares no element other."],
    ),
    (
        POST + ", body: {media: xml, schema: good.json, root: a}}",
        ["body.schema (m/v1/s): good.json: The content is not well-formed XML (line 1)."],
    ),
]


@pytest.mark.parametrize(("entry", "expected"), ENTRIES, ids=[entry for entry, _ in ENTRIES])
def test_a_bad_entry_is_reported(problems, entry, expected):
    prefix = "own.yaml: services[0]"
    told = [
        line.removeprefix(prefix).removeprefix(".").removeprefix(": ")
        for line in problems(f"services: [{entry}]")
    ]
    assert told == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "own.yaml: must contain only `services`, a list of entries"),
        ("[]", "own.yaml: must contain only `services`, a list of entries"),
        ("services: {}", "own.yaml: must contain only `services`, a list of entries"),
        ("services: []\nmore: 1", "own.yaml: must contain only `services`, a list of entries"),
        ("services: [", "own.yaml, line 1: is not YAML: expected the node content, but found '<stream end>'"),
        *(
            (text, "own.yaml: is not readable YAML: a value in it, or its depth, is too large")
            for text in ("services: 2024-99-99", "services: " + "9" * 6000, "[" * 3000)
        ),
        ("services: []\nservices: []", "own.yaml, line 1: is not YAML: a name is there twice"),
        (
            "services: [!!python/none x, !unknown x]",
            f"own.yaml, line 1: is not YAML: {_NO_TAG} 'tag:yaml.org,2002:python/none'",
        ),
    ],
)
def test_a_bad_file_is_reported(problems, text, expected):
    assert problems(text) == [expected]


def test_a_file_that_cannot_be_read_is_reported(tmp_path):
    with pytest.raises(ConfigurationError, match=r"gone\.yaml: cannot be read: No such file"):
        load_catalogue(tmp_path / "gone.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"services: [] # \xe9")
    with pytest.raises(ConfigurationError, match=r"latin\.yaml: is not UTF-8 text"):
        load_catalogue(tmp_path / "latin.yaml")


def test_the_problems_of_all_entries_come_together(problems):
    text = f"services:\n  - {GET}, colour: red}}\n  - {GET}}}\n  - {POST}, recovery: never}}\n  - {GET}}}\n"
    assert problems(text) == [
        "own.yaml: services[0].colour (m/v1/s): there is no such field",
        "own.yaml: services[2].recovery (m/v1/s): must be 'repeat', 'same-identity' or 'hold'",
        "own.yaml: services[3].service (m/v1/s): services[1] has the same module, version and service",
    ]


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ([], "bad.json: a JSON Schema is a JSON object"),
        ({"type": "objekt"}, "bad.json: is no valid JSON Schema: see $.type"),
        ({"pattern": "["}, "bad.json: is no valid JSON Schema: see $.pattern"),
        (
            {"$schema": "https://example.test/own"},
            "bad.json: its $schema is unknown to Herald; use https://json-schema.org/draft/2020-12/schema",
        ),
        (
            {"$ref": "https://example.test/other.json"},
            "bad.json: refers to https://example.test/other.json, which is not in this file",
        ),
        ({"items": {"$ref": "#/$defs/gone"}}, "bad.json: refers to #/$defs/gone, which is not in this file"),
        (
            {"items": {"$ref": "file:///etc/passwd"}},
            "bad.json: refers to file:///etc/passwd, which is not in this file",
        ),
        ({"$ref": "#"}, "bad.json: it refers to itself without end"),
    ],
)
def test_a_bad_json_schema_is_reported(problems, tmp_path, schema, expected):
    (tmp_path / "bad.json").write_text(json.dumps(schema))
    (line,) = problems(f"services: [{POST}, body: {{media: json, schema: bad.json}}}}]")
    assert line == f"own.yaml: services[0].body.schema (m/v1/s): {expected}"


def test_an_xsd_that_refers_out_of_the_folder_is_reported(problems, tmp_path):
    include = '<xs:include schemaLocation="https://example.test/far.xsd"/>'
    (tmp_path / "far.xsd.txt").write_text("")
    (tmp_path / "bad.xsd").write_text(XSD.replace("  <xs:element", f"  {include}<xs:element", 1))
    (line,) = problems(f"services: [{POST}, body: {{media: xml, schema: bad.xsd, root: invented}}}}]")
    assert "which the folder does not have; add far.xsd to it" in line
