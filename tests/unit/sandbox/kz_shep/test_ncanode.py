"""The NCANode: whole envelopes signed with the key in the request, errors as its source states them."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import NoEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from lxml import etree

from sandbox.stand_in import Request
from tests.support.systems.kz_shep.client import NS, search, verified

PASSWORD = "за-сим"
GOOD = search(number="01085")
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"


@pytest.fixture(scope="session")
def p12(client, authority):
    return base64.b64encode(client.pkcs12("system", PASSWORD, authority.certificate)).decode()


@pytest.fixture
def sign(shep, post, p12):
    def signed(content_type="application/json", **changes):
        content = {"xml": GOOD, "key": p12, "password": PASSWORD, **changes}
        body = json.dumps({name: value for name, value in content.items() if value is not None})
        answer = shep.answer(post(body.encode(), path="/wsse/sign", content_type=content_type))
        assert answer.content_type == "application/json"
        return answer.status, json.loads(answer.body)

    return signed


def test_signs_the_whole_envelope(sign, shep, client):
    status, answer = sign()
    assert (status, answer["status"], answer["message"]) == (200, 200, "OK")
    body = verified(answer["xml"].encode(), client.certificate)
    assert body.findtext(".//number") == "01085"
    assert shep.ledger()["documents_signed"] == 1


def test_what_it_signed_the_gateway_takes(sign, shep, post, credential):
    _, answer = sign()
    found = shep.answer(post(answer["xml"].encode()))
    assert verified(found.body, credential.certificate).findtext(".//medicalExemptionList/number") == "01085"


@pytest.mark.parametrize("header", ["", "<soap:Header/>", "<soap:Header></soap:Header>"])
def test_signs_with_an_empty_header_or_none(sign, client, header):
    status, answer = sign(xml="\n" + GOOD.replace("<soap:Header/>", header) + "\n")
    assert status == 200
    verified(answer["xml"].encode(), client.certificate)


@pytest.mark.parametrize("header", ["<soap:Header> </soap:Header>", "<soap:Header><!-- a --></soap:Header>"])
def test_a_header_of_whitespace_is_an_error(sign, header):
    status, answer = sign(xml=GOOD.replace("<soap:Header/>", header))
    assert (status, answer["status"]) == (500, 500)
    assert answer["message"].startswith("HIERARCHY_REQUEST_ERR")


def test_with_another_header_the_signature_goes_astray(sign):
    header = '<soap:Header><a:To xmlns:a="http://www.w3.org/2005/08/addressing"/></soap:Header>'
    status, answer = sign(xml=GOOD.replace("<soap:Header/>", header))
    assert status == 200
    root = etree.fromstring(answer["xml"].encode())
    assert root.find("soap:Header/wsse:Security/ds:Signature", NS) is None
    assert root.find("soap:Header/{*}To/ds:Signature", NS) is not None


@pytest.mark.parametrize(
    "xml", ["text", "<a/>", "<a>", GOOD.replace(NS["soap"], SOAP_12), "<!DOCTYPE a []>" + GOOD]
)
def test_what_is_no_soap_1_1_is_an_error_500(sign, xml):
    status, answer = sign(xml=xml)
    assert (status, answer["status"]) == (500, 500)
    assert answer["message"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"password": "other"}, "Password incorrect."),
        ({"key": "не base64"}, "Invalid Base64 format. Key must be in valid Base64 format."),
        ({"key": "AAAA"}, "Invalid format."),
        ({"key": "MAAA"}, "Password incorrect."),
        ({"keyAlias": "other"}, "Key does not have 'other' alias"),
    ],
)
def test_a_key_that_cannot_be_read_is_an_error_400(sign, shep, changes, message):
    status, answer = sign(**changes)
    assert (status, answer) == (400, {"status": 400, "message": f"Key reading error: {message}"})
    assert shep.ledger()["documents_signed"] == 0


def test_a_key_that_is_not_rsa_is_refused(sign):
    key = ec.generate_private_key(ec.SECP256R1())
    store = serialize_key_and_certificates(b"ec", key, None, None, NoEncryption())
    status, answer = sign(key=base64.b64encode(store).decode(), password="x")
    assert status == 400
    assert answer["message"].startswith("Key reading error:")


@pytest.mark.parametrize("alias", [None, "system"])
def test_takes_the_alias_of_the_key(sign, alias):
    assert sign(keyAlias=alias, trimXml=True)[0] == 200


@pytest.mark.parametrize("name", ["xml", "key", "password"])
@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_field_gets_the_frameworks_page(sign, name, value):
    status, answer = sign(**{name: value})
    assert status == 400
    assert (answer["status"], answer["error"], answer["path"]) == (400, "Bad Request", "/wsse/sign")


@pytest.mark.parametrize("changes", [{"xml": 1}, {"password": ["a"]}, {"trimXml": "yes"}, {"keyAlias": {}}])
def test_another_type_is_an_error_500(sign, changes):
    assert sign(**changes)[0] == 500


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
def test_what_is_no_json_object_is_an_error_500(shep, post, body):
    answer = shep.answer(post(body, path="/wsse/sign", content_type="application/json"))
    assert (answer.status, json.loads(answer.body)["status"]) == (500, 500)


def test_another_media_type_is_refused(sign):
    assert sign(content_type="text/xml")[0] == 415


def test_is_asked_for_its_health(shep):
    answer = shep.answer(Request("GET", "/actuator/health", "", {}, b""))
    assert (answer.status, json.loads(answer.body)) == (200, {"status": "UP"})


def test_another_document_may_come_back(shep, post, p12, client):
    body = json.dumps({"xml": GOOD, "key": p12, "password": PASSWORD}).encode()
    request = post(body, path="/wsse/sign", content_type="application/json")
    altered = json.loads(shep.altered(request, shep.answer(request)).body)
    assert verified(altered["xml"].encode(), client.certificate).find(".//number") is None
    broken = post(b"{", path="/wsse/sign", content_type="application/json")
    assert shep.altered(broken, shep.answer(broken)).status == 500


def test_fails_in_json(shep, post):
    answer = shep.failed(503, post(b"", path="/wsse/sign", content_type="application/json"))
    assert (answer.status, json.loads(answer.body)["status"]) == (503, 503)
