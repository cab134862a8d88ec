"""Any event that passes contract and catalogue makes a right request; any other is told all that is wrong with it."""

from __future__ import annotations

import base64
import json
from datetime import date
from decimal import Decimal
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from lxml import etree

from contracts.reasons import Reason
from contracts.registry import ContractViolation
from contracts.visible_text import is_visible
from tests.support.contract_events import submission
from tests.unit.worker.systems.nhif.conftest import JSON_SCHEMA, XSD
from worker.systems.nhif.request import document_of, request_of
from worker.systems.port import Refused

READ, SUBMIT = "nhif.service.read.v1", "nhif.document.submit.v1"
SCHEMA = Draft202012Validator(JSON_SCHEMA)
VALIDATOR = etree.XMLSchema(etree.fromstring(XSD.encode()))
any_time = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def asked(service, **data):
    return submission(
        READ if "parameters" in data else SUBMIT, {"module": "m", "version": "v1", "service": service, **data}
    ).data


def checked(catalogue, service, **data):
    """Do what the system does before it sends, without its thread."""
    event = asked(service, **data)
    request = request_of(catalogue, event)
    if found := document_of(request.service, event):
        schema, document = found
        problems = schema.problems(document)
        assert schema.quick_problems(document) in (None, problems)
        if problems:
            raise Refused(Reason.SCHEMA_VIOLATION, problems)
    return request


def refused(catalogue, service, **data):
    with pytest.raises(Refused) as refusal:
        checked(catalogue, service, **data)
    problems = refusal.value.problems
    assert all(one.message.endswith(".") for one in problems)
    assert len(set(problems)) == len(problems) > 0
    return refusal.value.reason, [(one.path.removeprefix("$.data."), one.rule) for one in problems]


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cn", "Cs")), min_size=1, max_size=20
).filter(is_visible)
WELL = {
    "practice": st.from_regex("[0-9]{10}", fullmatch=True),
    "fromDate": st.dates().map(date.isoformat),
    "count": st.integers(-(10**18) + 1, 10**18 - 1) | st.integers(0, 99).map(float),
    # Down to where its decimal text still fits into a part of an address.
    "share": st.floats(-1e17, 1e17).filter(lambda value: value == 0 or abs(value) > 1e-200)
    | st.integers(-(10**17), 10**17),
    "whole": st.booleans(),
}
OPTIONAL = {"note": TEXT.filter(lambda text: text not in {".", ".."}), "page": st.integers(0, 99)}
ILL = {
    "practice": st.sampled_from(["123", "12345678901", "123456789/", "١٢٣٤٥٦٧٨٩٠x", 1234567890, True, None]),
    "fromDate": st.sampled_from(["2025-02-30", "2025-2-3", "20250203", "2025-02-03T00:01", 20250203, True]),
    "count": st.sampled_from(["1", 1.5, True, 10**18, -(10**18), 1e18]),
    "share": st.sampled_from(["1.5", True, 10**18, 1e300, 1e-300]),
    "whole": st.sampled_from(["true", 1, 0, "x"]),
    "note": st.sampled_from(["x" * 21, 5, False]),
    "page": st.sampled_from(["1", 0.5, True]),
}


@st.composite
def parameters(draw):
    given = draw(st.fixed_dictionaries(WELL))
    for name, values in OPTIONAL.items():
        if not draw(st.booleans()):
            break
        given[name] = draw(values)
    shuffled = draw(st.permutations(sorted(given)))
    return {name: given[name] for name in shuffled}


@given(parameters())
@any_time
def test_the_address_leads_back_to_the_parameters(catalogue, given):
    request = request_of(catalogue, asked("REPORT", parameters=given))
    assert request.path.isascii()
    assert not {"?", "#", "\\", " ", ";"} & set(request.path)
    first, *parts = request.path.removeprefix("/").split("/")
    read = [unquote(part, errors="strict") for part in parts]
    assert (first, read[:3]) == ("api", ["m", "v1", "REPORT"])
    assert not {"", ".", ".."} & {*parts, *read}
    written = dict(
        zip(("practice", "fromDate", "count", "share", "whole", "note", "page"), read[3:], strict=False)
    )
    assert set(written) == set(given)
    assert (written["practice"], written["fromDate"]) == (given["practice"], given["fromDate"])
    assert (int(written["count"]), float(Decimal(written["share"]))) == (
        given["count"],
        float(given["share"]),
    )
    assert written["whole"] == json.dumps(given["whole"])
    assert written.get("note") == given.get("note")
    assert "e" not in written["share"].lower()


def test_one_number_and_one_day_have_one_address(catalogue):
    one = {"practice": "2201000001", "fromDate": "2025-03-01", "count": 1, "share": 2, "whole": True}
    other = one | {"fromDate": "2025-03-01T00:00:00Z", "count": 1.0, "share": 2.0}
    paths = {request_of(catalogue, asked("REPORT", parameters=given)).path for given in (one, other)}
    assert paths == {"/api/m/v1/REPORT/2201000001/2025-03-01/1/2/true"}


@given(parameters(), st.sets(st.sampled_from(sorted(ILL))), st.data())
@any_time
def test_every_parameter_that_is_wrong_is_reported(catalogue, given, wrong, data):
    wrong &= set(given)
    for name in wrong:
        given[name] = data.draw(ILL[name])
    if wrong:
        reason, told = refused(catalogue, "REPORT", parameters=given)
        assert reason == Reason.CONTRACT_VIOLATION
        assert {path for path, _ in told} == {f"parameters.{name}" for name in wrong}
    else:
        request_of(catalogue, asked("REPORT", parameters=given))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"fromDate": None, "count": None}, [("fromDate", "required"), ("count", "required")]),
        ({"page": 1}, [("note", "required")]),
        ({"surname": "x", "P7223154154": "x"}, [("surname", "unknown-field"), ("?", "unknown-field")]),
    ],
)
def test_parameters_that_are_missing_or_too_many(catalogue, changes, expected):
    well = {"practice": "2201000001", "fromDate": "2025-03-01", "count": 1, "share": 0.5, "whole": True}
    _, told = refused(catalogue, "REPORT", parameters={**well, **changes})
    assert told == [(f"parameters.{name}", rule) for name, rule in expected]


def test_a_service_without_parameters(catalogue):
    assert request_of(catalogue, asked("LIST", parameters=None)).path == "/api/m/v1/LIST"
    assert refused(catalogue, "LIST", parameters={"a": 1})[1] == [("parameters.a", "unknown-field")]


def test_what_is_hostile_stays_one_part(catalogue):
    well = {"practice": "2201000001", "fromDate": "2025-03-01", "count": 1, "share": 0.5, "whole": True}
    request = request_of(catalogue, asked("REPORT", parameters={**well, "note": "../a?b#c%2f;d\\е"}))
    assert request.path.endswith("/true/..%2Fa%3Fb%23c%252f%3Bd%5C%D0%B5")


def test_a_service_that_the_catalogue_lacks(catalogue):
    reason, told = refused(catalogue, "NONE", json={})
    assert (reason, told) == (Reason.UNKNOWN_CODE, [("service", "known-service")])


def test_a_service_of_the_other_method(catalogue):
    for service, data in (("LIST", {"json": {}}), ("ANY", {"parameters": {}})):
        reason, told = refused(catalogue, service, **data)
        assert (reason, told) == (Reason.CONTRACT_VIOLATION, [("service", "service-method")])


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


def test_problems_never_quote_the_document(catalogue):
    secret = "7223154154"
    for service, body in (
        ("JSON", {"json": {secret: secret, "invented": secret, "rows": [{"code": secret}, secret]}}),
        ("XML", {"xml": f'<invented xmlns="urn:invented"><count>{secret}x</count></invented>'}),
        ("REPORT", {"parameters": {"practice": secret + "1", "P" + secret: secret, "fromDate": secret}}),
    ):
        with pytest.raises(Refused) as refusal:
            checked(catalogue, service, **body)
        assert secret not in repr(refusal.value.problems) + str(refusal.value)
        assert refusal.value.__context__ is None or refusal.value.__suppress_context__


def test_a_request_shows_nothing_of_a_patient(catalogue):
    request = request_of(catalogue, asked("ANY", json={"invented": "7223154154"}))
    assert "7223154154" not in repr(request)


def test_the_contract_comes_first():
    with pytest.raises(ContractViolation):
        asked("ANY", json={}, xml="<a/>")


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({"practice": "1", "page": 2}, "/api/m/v1/QUERY/1?page=2"),
        (
            {"note": "a&b=c#d?е /", "page": 2, "practice": "a/b", "fromDate": "2025-03-01"},
            "/api/m/v1/QUERY/a%2Fb?fromDate=2025-03-01&page=2&note=a%26b%3Dc%23d%3F%D0%B5%20%2F",
        ),
        ({"practice": "1", "page": 2, "note": "x"}, "/api/m/v1/QUERY/1?page=2&note=x"),
    ],
)
def test_parameters_of_the_query_stand_there_in_the_catalogues_order(catalogue, given, address):
    assert request_of(catalogue, asked("QUERY", parameters=given)).path == address


def test_parameters_of_the_query_are_checked_as_those_of_the_path(catalogue):
    assert refused(catalogue, "QUERY", parameters={"fromDate": "2025-02-30", "x": 1})[1] == [
        ("parameters.x", "unknown-field"),
        ("parameters.practice", "required"),
        ("parameters.fromDate", "type"),
        ("parameters.page", "required"),
    ]


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
