"""Documents leave as they came, if and only if they fit their schema and the catalogue."""

from __future__ import annotations

import base64
import json
from email.parser import BytesParser
from email.policy import HTTP

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from lxml import etree

from contracts.reasons import Reason
from tests.support.systems.nhif.requests import TEXT, any_time, asked, checked, refused
from tests.unit.worker.systems.nhif.conftest import JSON_SCHEMA, XSD
from worker.systems.nhif.request import request_of
from worker.systems.port import Refused

SCHEMA = Draft202012Validator(JSON_SCHEMA)
VALIDATOR = etree.XMLSchema(etree.fromstring(XSD.encode()))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=10,
)


@given(VALUES.filter(lambda value: value is not None))
@any_time
def test_any_json_leaves_as_it_came(catalogue, document):
    request = request_of(catalogue, asked("ANY", json=document))
    assert json.loads(request.content) == document
    assert request.headers == {"accept": "*/*", "content-type": "application/json"}


WELL_FORMED = st.fixed_dictionaries(
    {"invented": st.text(st.characters(codec="utf-8"), max_size=5)},
    optional={
        "count": st.integers(0, 10**6),
        "rows": st.lists(st.fixed_dictionaries({"code": st.sampled_from("AB")}), max_size=3),
    },
)
BREAKS = {
    "json.invented": lambda document: document.pop("invented"),
    "json.count": lambda document: document.update(count=-1),
    "json.rows[1].code": lambda document: document.update(rows=[{"code": "A"}, {}, {"code": "B"}]),
    "json": lambda document: document.update(P7223154154=1),
}


@given(WELL_FORMED | VALUES.filter(lambda value: value is not None))
@any_time
def test_a_document_leaves_if_and_only_if_it_fits_its_schema(catalogue, document):
    if SCHEMA.is_valid(document):
        assert SCHEMA.is_valid(json.loads(checked(catalogue, "JSON", json=document).content))
    else:
        reason, told = refused(catalogue, "JSON", json=document)
        assert reason == Reason.SCHEMA_VIOLATION
        assert all(path.startswith("json") for path, _ in told)


@given(WELL_FORMED, st.sets(st.sampled_from(sorted(BREAKS)), min_size=1))
@any_time
def test_all_that_breaks_the_schema_is_reported(catalogue, document, broken):
    for place in broken:
        BREAKS[place](document)
    assert {path for path, _ in refused(catalogue, "JSON", json=document)[1]} == broken


COUNTS = st.lists(st.sampled_from(["1", "17", "0", "x", "-1", ""]), max_size=4)


@given(COUNTS)
@any_time
def test_xml_leaves_byte_for_byte_if_and_only_if_it_fits_its_schema(catalogue, counts):
    rows = "".join(f"<count>{count}</count>" for count in counts)
    text = f'<?xml version="1.0" encoding="utf-8"?>\r\n<invented xmlns="urn:invented" >{rows}</invented><!-- ж -->'
    if VALIDATOR.validate(etree.fromstring(text.encode())):
        request = checked(catalogue, "XML", xml=text)
        assert request.content == text.encode()
        assert request.headers == {"accept": "application/xml", "content-type": "text/xml"}
    else:
        reason, told = refused(catalogue, "XML", xml=text)
        assert (reason, {path for path, _ in told}) == (Reason.SCHEMA_VIOLATION, {"xml"})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<a>", "not well-formed"),
        ("plain", "not well-formed"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "DTD"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "DTD"),
        ('<?xml version="1.0" encoding="windows-1251"?><a/>', "another encoding"),
        ("<a>" * 101 + "</a>" * 101, "deeper"),
        ("<html><body/></html>", "HTML"),
    ],
)
@pytest.mark.parametrize("service", ["ANY", "XML"])
def test_what_is_no_safe_xml_is_not_sent(catalogue, service, text, words):
    with pytest.raises(Refused) as refusal:
        request_of(catalogue, asked(service, xml=text))
    (problem,) = refusal.value.problems
    assert (problem.path, problem.rule) == ("$.data.xml", "xml")
    assert words in problem.message


def test_another_root_element_is_reported(catalogue):
    assert refused(catalogue, "XML", xml='<other xmlns="urn:invented"/>')[1] == [("xml", "schema")]
    assert refused(catalogue, "XML", xml="<invented/>")[1] == [("xml", "schema")]


def test_a_document_of_the_wrong_form_is_reported(catalogue):
    assert refused(catalogue, "JSON", xml="<a/>") == (Reason.CONTRACT_VIOLATION, [("xml", "media")])
    assert refused(catalogue, "XML", json={}) == (Reason.CONTRACT_VIOLATION, [("json", "media")])


PDF = b"%PDF-1.4\n\x00\xff\r\n--herald-"


@pytest.mark.parametrize(
    ("service", "media_type", "told"),
    [
        ("PDF", None, "application/pdf"),
        ("PDF", "application/zip", "application/pdf"),
        ("BYTES", "application/zip", "application/zip"),
        ("BYTES", None, "application/octet-stream"),
        ("ANY", None, "application/octet-stream"),
    ],
)
def test_bytes_leave_as_they_are(catalogue, service, media_type, told):
    binary = {"base64": base64.b64encode(PDF).decode(), "mediaType": media_type}
    request = request_of(catalogue, asked(service, binary=binary))
    assert request.content == PDF
    assert request.headers["content-type"] == told


PARTS = [
    {"name": "meta", "json": {"ж": [1, None]}},
    {"name": "doc", "xml": "<a>ж</a>"},
    {"name": "note", "text": "ред\r\nред"},
    {
        "name": "file",
        "fileName": "Справка 1.pdf",
        "mediaType": "application/pdf",
        "base64": base64.b64encode(PDF).decode(),
    },
]


@pytest.mark.parametrize("service", ["PARTS", "ANY"])
def test_several_documents_leave_in_one_request_as_the_standard_library_reads_it(catalogue, service):
    request = request_of(catalogue, asked(service, multipart=PARTS))
    kind = request.headers["content-type"]
    assert kind.startswith("multipart/form-data; boundary=herald-")
    message = BytesParser(policy=HTTP).parsebytes(
        b"Content-Type: " + kind.encode() + b"\r\n\r\n" + request.content
    )
    assert not message.defects
    assert [
        (
            part.get_param("name", header="content-disposition"),
            part.get_filename(),
            part.get_content_type(),
            part.get_payload(decode=True),
        )
        for part in message.iter_parts()
    ] == [
        ("meta", None, "application/json", '{"ж":[1,null]}'.encode()),
        ("doc", None, "application/xml", "<a>ж</a>".encode()),
        ("note", None, "text/plain", "ред\r\nред".encode()),
        ("file", "Справка 1.pdf", "application/pdf", PDF),
    ]
    again = request_of(catalogue, asked(service, multipart=PARTS))
    assert (again.content, again.headers) == (request.content, request.headers)


def test_a_part_of_broken_xml_is_reported_with_its_place(catalogue):
    parts = [PARTS[0], {"name": "doc", "xml": "<a>"}]
    assert refused(catalogue, "PARTS", multipart=parts) == (
        Reason.CONTRACT_VIOLATION,
        [("multipart[1].xml", "xml")],
    )


def test_bytes_are_taken_only_where_the_catalogue_says_so(catalogue):
    binary = {"base64": "QQ=="}
    assert refused(catalogue, "JSON", binary=binary) == (Reason.CONTRACT_VIOLATION, [("binary", "media")])
    assert refused(catalogue, "PDF", multipart=PARTS)[1] == [("multipart", "media")]
    assert refused(catalogue, "PARTS", json={})[1] == [("json", "media")]
