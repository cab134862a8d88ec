"""The NHIF stand-in, without a server: who is let in, what is taken, and what the ledger shows."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from sandbox.nhif.stand_in import NhifApi
from sandbox.stand_in import InvalidControl, Request
from tests.support.signing.certificates import NOW, issue

LIST, XML_LIST = "/api/example/v1/LIST01", "/api/example/v1/LIST02"
PBR001, XML_DOCUMENT = "/api/pspsmi/v1.2/PBR001", "/api/example/v1/DOC01"
DOCUMENT = b'{"operatorsOwn": "invented"}'


def der(issued):
    return issued.certificate.public_bytes(Encoding.DER)


SIGNER, STRANGER = issue("dr-a"), issue("dr-b")
ENDED = issue("dr-c", end=NOW - timedelta(days=1))
COMING = issue("dr-d", start=NOW + timedelta(days=1))
SHOWN = der(SIGNER)
REGISTERED = {"dr-a": SHOWN, "dr-c": der(ENDED), "dr-d": der(COMING)}


@pytest.fixture
def nhif():
    return NhifApi(REGISTERED, now=lambda: NOW)


def request(method="GET", path=f"{LIST}/x", body=b"", *, media="application/json", certificate=SHOWN):
    return Request(method, path, "", {"content-type": media} if body else {}, body, certificate)


def post(path=PBR001, body=DOCUMENT, **changes):
    return request("POST", path, body, **changes)


def test_a_list_comes_as_json(nhif):
    answer = nhif.answer(request(path=f"{LIST}/2201000001/a%2Fb%20%D0%B6"))
    assert (answer.status, answer.content_type) == (200, "application/json")
    told = json.loads(answer.body)
    assert (told["parameter1"], told["parameter2"]) == ("2201000001", "a/b ж")
    assert "invented" in told["note"]


def test_a_list_comes_as_xml(nhif):
    answer = nhif.answer(request(path=XML_LIST))
    assert (answer.status, answer.content_type) == (200, "application/xml")
    assert etree.fromstring(answer.body).findtext("service") == "example/v1/LIST02"


@pytest.mark.parametrize(
    ("path", "media", "body"),
    [
        (PBR001, "application/json; charset=utf-8", DOCUMENT),
        (PBR001, "application/xml", "<a>ж</a>".encode()),
        (XML_DOCUMENT, "text/xml", b'<?xml version="1.0"?><a/>'),
    ],
)
def test_a_document_is_taken(nhif, path, media, body):
    answer = nhif.answer(post(path, body, media=media))
    assert answer.status == 200
    (taken,) = nhif.ledger()["documents"]
    assert (taken["sha256"], taken["bytes"]) == (hashlib.sha256(body).hexdigest(), len(body))
    assert (taken["signer"], taken["service"]) == ("dr-a", path.removeprefix("/api/"))
    assert taken["certificate"] == f"{SIGNER.certificate.serial_number:x}"
    assert taken["sha256"] in answer.body.decode()


MULTIPART = (
    b'--x\r\nContent-Disposition: form-data; name="a"; filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\n%PDF'
    b'\r\n--x\r\nContent-Disposition: form-data; name="b"\r\nContent-Type: text/plain\r\n\r\n\r\n--x--\r\n'
)


def test_bytes_and_several_documents_are_taken(nhif):
    assert nhif.answer(post(body=b"%PDF\xff", media="application/pdf")).status == 200
    assert nhif.answer(post(body=MULTIPART, media="multipart/form-data; boundary=x")).status == 200
    first, second = nhif.ledger()["documents"]
    assert first["parts"] == ()
    assert [(one["name"], one["file_name"], one["content_type"]) for one in second["parts"]] == [
        ("a", "a.pdf", "application/pdf"),
        ("b", None, "text/plain"),
    ]
    assert second["parts"][0]["sha256"] == hashlib.sha256(b"%PDF").hexdigest()


def test_parameters_in_the_query(nhif):
    path = "/api/example/v1/LIST03"
    asked = Request("GET", path, "fromDate=2025-03-01&page=%D0%B6%26", {}, b"", SHOWN)
    told = json.loads(nhif.answer(asked).body)
    assert (told["query_fromDate"], told["query_page"]) == ("2025-03-01", "ж&")
    for query in ("other=1", "page=1&page=2", "page", "page=%2", "page=%ff", "page=%00"):
        assert nhif.answer(Request("GET", path, query, {}, b"", SHOWN)).status == 400


def test_the_same_document_twice_is_two_documents(nhif):
    for _ in range(2):
        nhif.answer(post())
    assert [one["seq"] for one in nhif.ledger()["documents"]] == [1, 2]


@pytest.mark.parametrize("certificate", [None, der(STRANGER), der(ENDED), der(COMING)])
def test_without_a_valid_registered_certificate_nothing_is_done(nhif, certificate):
    for asked in (request(certificate=certificate), post(certificate=certificate)):
        answer = nhif.answer(asked)
        assert (answer.status, answer.content_type) == (403, "text/html")
    assert nhif.ledger() == {"reads": [], "documents": []}


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (request(path="/api/example/v1/NONE"), 404),
        (request(path="/api/example/LIST01"), 404),
        (request(path="/elsewhere"), 404),
        (request(path="/api/../v1/LIST01/x"), 404),
        (request(path=PBR001), 405),
        (post(f"{LIST}/x"), 405),
        (request(path=LIST), 400),
        (request(path=f"{LIST}/a/b/c"), 400),
        (request(path=f"{LIST}/"), 400),
        (request(path=f"{LIST}/.."), 400),
        (request(path=f"{LIST}/%ff"), 400),
        (request(path=f"{LIST}/%2"), 400),
        (request(path=f"{LIST}/a%00"), 400),
        (post(f"{PBR001}/x"), 400),
        (post(body=b"{"), 400),
        (post(body=b"[" * 100_000), 400),
        (post(body=b"\xff{}"), 400),
        (post(body=b"<a>", media="application/xml"), 400),
        (post(body=b'<!DOCTYPE a [<!ENTITY x "y">]><a/>', media="application/xml"), 400),
        (post(body=b""), 415),
        (post(body=MULTIPART, media="multipart/form-data"), 400),
        (post(body=MULTIPART, media="multipart/form-data; boundary=y"), 400),
        (post(body=MULTIPART[:-20], media="multipart/form-data; boundary=x"), 400),
        (post(media="text/plain"), 415),
    ],
)
def test_what_is_refused_leaves_no_trace(nhif, asked, status):
    assert nhif.answer(asked).status == status
    assert nhif.ledger() == {"reads": [], "documents": []}


def test_an_unknown_service_is_a_page_of_a_gateway(nhif):
    assert nhif.answer(request(path="/api/example/v1/NONE")).content_type == "text/html"


def test_the_ledger_shows_nothing_of_a_patient(nhif):
    nhif.answer(request(path=f"{LIST}/7223154154"))
    nhif.answer(post(body=b'{"id": "7223154154"}'))
    assert "7223154154" not in json.dumps(nhif.ledger())
    assert len(nhif.ledger()["reads"]) == len(nhif.ledger()["documents"]) == 1


def test_traits(nhif):
    assert nhif.traits_of(post()) == {
        "operation": "document.submit",
        "service": "pspsmi/v1.2/PBR001",
        "signer": "dr-a",
        "sha256": hashlib.sha256(DOCUMENT).hexdigest(),
    }
    assert nhif.traits_of(request(path="/", certificate=None)) == {
        "operation": "service.read",
        "service": None,
        "signer": None,
        "sha256": None,
    }
    assert set(nhif.traits_of(request())) == set(nhif.traits)


def test_only_addresses_of_services_meet_faults(nhif):
    assert nhif.serves("GET", f"{LIST}/x")
    assert nhif.serves("POST", "/api/example/v1/NONE")
    assert not nhif.serves("GET", "/")
    assert not nhif.serves("PUT", PBR001)


def test_an_altered_answer_is_another_services(nhif):
    for asked in (request(), request(path=XML_LIST), post()):
        answer = nhif.answer(asked)
        other = nhif.altered(asked, answer)
        assert (other.status, other.content_type) == (answer.status, answer.content_type)
        assert b"example/v1/OTHER" in other.body
    refusal = nhif.answer(request(path=LIST))
    assert nhif.altered(request(path=LIST), refusal) is refusal


def test_a_failure_has_its_status(nhif):
    assert nhif.failed(500, request()).status == 500


def test_services_can_be_added(nhif):
    added = [
        {"name": "own/v2/DOC", "method": "POST", "answer": "xml"},
        {"name": "own/v2/LIST", "method": "GET", "least": 1},
    ]
    assert "own/v2/DOC" in nhif.control("services", added)["services"]
    assert nhif.answer(post("/api/own/v2/DOC")).content_type == "application/xml"
    assert nhif.answer(request(path="/api/own/v2/LIST/x")).status == 200
    nhif.reset()
    assert nhif.answer(post("/api/own/v2/DOC")).status == 404


@pytest.mark.parametrize(
    "services",
    [
        {},
        ["x"],
        [{"name": "a/b", "method": "GET"}],
        [{"name": "a/b/../c", "method": "GET"}],
        [{"name": "a/b/c", "method": "PUT"}],
        [{"name": "a/b/c", "method": "GET", "least": 2, "most": 1}],
        [{"name": "a/b/c", "method": "GET", "answer": "pdf"}],
        [{"name": "a/b/c", "method": "GET", "colour": "red"}],
        [{"name": "a/b/c", "method": "GET", "query": "a"}],
        [{"method": "GET"}],
    ],
)
def test_services_that_are_none(nhif, services):
    with pytest.raises(InvalidControl):
        nhif.control("services", services)


def test_a_signer_can_become_a_stranger(nhif):
    assert nhif.control("strangers", ["dr-a"]) == {"strangers": ["dr-a"]}
    assert nhif.answer(post()).status == 403
    nhif.control("strangers", [])
    assert nhif.answer(post()).status == 200
    with pytest.raises(InvalidControl, match="dr-a, dr-c, dr-d"):
        nhif.control("strangers", ["dr-x"])
    assert nhif.control("colour", "red") is None


@given(
    method=st.sampled_from(["GET", "POST", "HEAD", ""]),
    path=st.text(max_size=40)
    | st.text(max_size=20).map(lambda text: f"/api/example/v1/LIST01/{text}")
    | st.text(max_size=20).map(lambda text: f"/api/own/v1/XML/{text}"),
    body=st.binary(max_size=40),
    media=st.text(max_size=20) | st.sampled_from(["application/json", "application/xml"]),
    certificate=st.none() | st.binary(max_size=20) | st.just(der(SIGNER)),
)
def test_no_bytes_raise(method, path, body, media, certificate):
    nhif = NhifApi(REGISTERED, now=lambda: NOW)
    nhif.control("services", [{"name": "own/v1/XML", "method": "GET", "most": 9, "answer": "xml"}])
    asked = request(method, path, body, media=media, certificate=certificate)
    nhif.traits_of(asked)
    answer = nhif.answer(asked)
    assert 200 <= answer.status < 500
    noted = len(nhif.ledger()["reads"]) + len(nhif.ledger()["documents"])
    assert noted == (answer.status == 200)
