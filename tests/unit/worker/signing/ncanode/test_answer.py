"""A server that changes what it was to sign does not get it sent; here only what a real server could change."""

import json

import pytest
from lxml import etree

from tests.support.signing.certificates import issue
from tests.support.systems.kz_shep.soap import ANSWER, NAMESPACES, SOAP, signed_by_xmlsec
from worker.signing.ncanode.answer import signed_document
from worker.signing.port import SigningFailed
from worker.transport.port import Answer

CLINIC = issue("Clinic")
REQUEST = ANSWER.replace("<data kind=", '<data xmlns:m="urn:m" type="m:Search" kind=')


def answered(xml, status=200, secrets=()):
    body = etree.fromstring(REQUEST.encode()).find("S:Body", NAMESPACES)
    return signed_document(
        body,
        Answer(status, {}, json.dumps({"status": status, "message": "OK", "xml": xml}).encode()),
        secrets=secrets,
    )


def test_the_same_body_is_taken_as_it_is():
    signed = signed_by_xmlsec(CLINIC, REQUEST).decode()
    assert answered(signed) == signed.encode()


def test_an_undoing_of_no_default_namespace_may_come_and_go():
    """Seen with NCANode itself: `xmlns=""` under no default namespace is gone afterwards."""
    without = REQUEST.replace(' xmlns="urn:outer"', "")
    assert 'xmlns=""' in without
    body = etree.fromstring(without.encode()).find("S:Body", NAMESPACES)
    signed = signed_by_xmlsec(CLINIC, without.replace(' xmlns=""', ""))
    answer = Answer(200, {}, json.dumps({"status": 200, "message": "OK", "xml": signed.decode()}).encode())
    assert signed_document(body, answer) == signed


CHANGES = {
    "another value": (("ТҰМАР", "ТҰМА"), "not the one that was to be signed"),
    "white space gone": (
        ("<responseData><data", "<responseData>\n<data"),
        "not the one that was to be signed",
    ),
    "an attribute more": (("<response ", '<response a="1" '), "not the one that was to be signed"),
    "an attribute of the Body": (("<S:Body>", '<S:Body a="1">'), "not the one that was to be signed"),
    "an element more": (("<responseData>", "<responseData><a/>"), "not the one that was to be signed"),
    "another meaning of a prefix in a value": (("urn:m", "urn:other"), "declares other namespaces"),
    "a prefix in a value without meaning": ((' xmlns:m="urn:m"', ""), "declares other namespaces"),
    "another default namespace": (
        (' xmlns="urn:outer"', ' xmlns="urn:another"'),
        "declares other namespaces",
    ),
    "no default namespace": ((' xmlns="urn:outer"', ""), "declares other namespaces"),
    "a comment": (("<responseData>", "<responseData><!-- -->"), "comment"),
    "a second Body": (("</S:Envelope>", "<S:Body/></S:Envelope>"), "exactly one Body"),
    "something in the Header": (("<S:Header/>", "<S:Header><a/></S:Header>"), "Header holds more"),
}


@pytest.mark.parametrize(("change", "problem"), CHANGES.values(), ids=CHANGES.keys())
def test_a_changed_document_is_not_taken(change, problem):
    assert change[0] in REQUEST
    signed = signed_by_xmlsec(CLINIC, REQUEST.replace(*change)).decode()
    with pytest.raises(SigningFailed, match=problem) as caught:
        answered(signed)
    assert not caught.value.transient


ADDED = {
    "a comment after it": ("</S:Envelope>", "</S:Envelope><!-- pass-w0rd -->", "beside its Envelope"),
    "an instruction before it": ("<S:Envelope", "<?a b?><S:Envelope", "beside its Envelope"),
    "an attribute of the Envelope": ("<S:Envelope", '<S:Envelope a="1"', "other attributes"),
    "an attribute of the Header": ("<S:Header>", '<S:Header a="1">', "more than the signature"),
    "text in the Header": ("<S:Header>", "<S:Header>a", "more than the signature"),
    "an attribute of the signature": ("<ds:Signature ", '<ds:Signature a="1" ', "more than the signature"),
    "text before the Body": ("</S:Header>", "</S:Header>pass-w0rd", "Envelope holds text"),
    "text in KeyInfo": ("<ds:KeyInfo>", "<ds:KeyInfo>a", "more than the signature"),
    "a long attribute": ("<ds:KeyInfo>", f'<ds:KeyInfo Id="{"a" * 300}">', "more than the signature"),
    "the password": ("<ds:KeyInfo>", '<ds:KeyInfo Id="pass-w0rd">', "key or its password"),
    "the key in lines": ("<ds:KeyInfo>", "<ds:KeyInfo><k>a2V5\na2V5</k>", "key or its password"),
    "a namespace": ("<ds:KeyInfo>", '<ds:KeyInfo xmlns:a="urn:pass-w0rd">', "key or its password"),
    "100 KB": ("<ds:KeyInfo>", f"<ds:KeyInfo><k>{'a' * 100_000}</k>", "much longer"),
}


@pytest.mark.parametrize(("where", "what", "problem"), ADDED.values(), ids=ADDED.keys())
def test_more_than_a_signature_is_not_taken(where, what, problem):
    signed = signed_by_xmlsec(CLINIC, REQUEST).decode()
    assert answered(signed, secrets=("a2V5a2V5", "pass-w0rd")) == signed.encode()
    assert where in signed
    with pytest.raises(SigningFailed, match=problem) as caught:
        answered(signed.replace(where, what, 1), secrets=("a2V5a2V5", "pass-w0rd"))
    assert "pass-w0rd" not in str(caught.value)


@pytest.mark.parametrize(
    "xml", [REQUEST, "", f'<S:Envelope xmlns:S="{SOAP}"><S:Header/><S:Body/></S:Envelope>']
)
def test_a_document_without_signature_is_not_taken(xml):
    with pytest.raises(SigningFailed, match="cannot be sent"):
        answered(xml)
