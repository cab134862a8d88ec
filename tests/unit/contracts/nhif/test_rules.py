"""The NHIF events: what every service's data must be, whatever the catalogue says."""

from __future__ import annotations

import pytest

from contracts.registry import validate
from contracts.settlements import settled_data

MIB = 1024 * 1024
READ, SUBMIT = "nhif.service.read.v1", "nhif.document.submit.v1"


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"a": "x", "b": 1, "c": 1.5, "d": True, "e": "../x", "f": "a/b?c#d", "g": "Ж €"}, []),
        ({"a": None}, []),
        (None, []),
        ({"a": "x" * 255}, []),
        ({"a": "x" * 256}, [("$.data.parameters.a", "length")]),
        ({"a": ""}, [("$.data.parameters.a", "length")]),
        ({"a": "."}, [("$.data.parameters.a", "form")]),
        ({"a": "..", "b": "\r\nHost: x"}, [("$.data.parameters.a", "form"), ("$.data.parameters.b", "form")]),
        ({"a": "x\0"}, [("$.data.parameters.a", "form")]),
        ({"a": "x\n"}, [("$.data.parameters.a", "form")]),
        ({"a": []}, [("$.data.parameters.a", "type")]),
        ({"a": {"b": 1}}, [("$.data.parameters.a", "type")]),
        # A name that could be a patient's number is not told.
        ({"7223154154": "x"}, [("$.data.parameters.?", "form")]),
        ({"P7223154154": []}, [("$.data.parameters.?", "type")]),
        ({"a\n": "x"}, [("$.data.parameters.?", "form")]),
        ({f"p{n}": "x" for n in range(21)}, [("$.data.parameters", "length")]),
        ([], [("$.data.parameters", "type")]),
        ("x", [("$.data.parameters", "type")]),
    ],
)
def test_parameters(problems, parameters, expected):
    assert problems(READ, {"parameters": parameters}) == expected


@pytest.mark.parametrize("name", ["module", "version", "service"])
@pytest.mark.parametrize("value", ["", ".", "..", "a/b", "a b", "%2e", "-a", "a\n", "ж", "x" * 65])
@pytest.mark.parametrize("event_type", [READ, SUBMIT])
def test_a_part_of_the_address_cannot_lead_elsewhere(problems, event_type, name, value):
    assert {path for path, _ in problems(event_type, {name: value})} == {f"$.data.{name}"}


@pytest.mark.parametrize("document", [{"a": [1, None]}, [], "text", 0, False, 1.5])
def test_any_json_is_a_document_and_is_kept(document, today):
    data = {"module": "m", "version": "v", "service": "s", "json": document}
    assert validate(SUBMIT, data, today=today).json_body == document


@pytest.mark.parametrize("bodies", [{"json": None}, {"json": {}, "xml": "<a/>"}, {"json": None, "xml": None}])
def test_there_is_exactly_one_document(problems, bodies):
    assert ("$.data", "one-way") in problems(SUBMIT, bodies)


def test_an_xml_document_is_a_text(problems):
    assert problems(SUBMIT, {"json": None, "xml": "<a/>"}) == []
    assert problems(SUBMIT, {"json": None, "xml": 1}) == [("$.data.xml", "type")]
    assert problems(SUBMIT, {"json": None, "xml": ""}) == [("$.data.xml", "length")]


@pytest.mark.parametrize(
    ("bodies", "expected"),
    [
        ({"binary": {"base64": "QQ==", "mediaType": "application/pdf"}}, []),
        ({"binary": {"base64": "QUI="}, "xml": "<a/>"}, [("$.data", "one-way")]),
        ({"binary": {"base64": "QQ"}}, [("$.data.binary.base64", "form")]),
        ({"binary": {"base64": "QQ==\n"}}, [("$.data.binary.base64", "form")]),
        ({"binary": {"base64": ""}}, [("$.data.binary.base64", "length")]),
        ({"binary": {"base64": "QUFB" * (MIB * 8 // 3 + 2)}}, [("$.data.binary.base64", "length")]),
        ({"binary": {"reference": "/etc/passwd"}}, None),
        ({"binary": {"base64": "QQ==", "mediaType": "pdf"}}, [("$.data.binary.mediaType", "form")]),
        ({"multipart": [{"name": "a", "text": ""}, {"name": "a", "json": False}]}, []),
        ({"multipart": []}, [("$.data.multipart", "length")]),
        ({"multipart": [{"name": "a", "text": "x"}] * 21}, [("$.data.multipart", "length")]),
        ({"multipart": [{"name": "a"}]}, [("$.data.multipart[0]", "one-way")]),
        ({"multipart": [{"name": "a", "text": "x", "json": 1}]}, [("$.data.multipart[0]", "one-way")]),
        ({"multipart": [{"name": 'a"b', "text": "x"}]}, [("$.data.multipart[0].name", "form")]),
        (
            {"multipart": [{"name": "a", "fileName": "../a", "text": "x"}]},
            [("$.data.multipart[0].fileName", "form")],
        ),
        (
            {"multipart": [{"name": "a", "fileName": 'a"\r\nX: y', "text": "x"}]},
            [("$.data.multipart[0].fileName", "form")],
        ),
        ({"multipart": [{"name": "a", "text": "ж" * MIB * 3}] * 2}, [("$.data.multipart", "length")]),
    ],
)
def test_bytes_and_parts(problems, bodies, expected):
    found = problems(SUBMIT, {"json": None, **bodies})
    if expected is None:
        assert {path for path, _ in found} == {"$.data.binary.base64", "$.data.binary.reference"}
    else:
        assert found == expected


def test_what_is_null_is_left_out(today):
    data = {"module": "m", "version": "v", "service": "s", "parameters": {"a": None, "b": 0}}
    assert validate(READ, data, today=today).parameters == {"b": 0}


def test_a_person_states_what_nhif_knows_the_document_by():
    stated = {"reference": "2025/17-A"}
    assert settled_data(SUBMIT, stated, identity="-", asked={}) == stated
