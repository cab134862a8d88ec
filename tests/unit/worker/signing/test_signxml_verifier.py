"""What signxml is made to refuse: everything but the one form, the one certificate and the one content."""

import re
from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.verifier import XMLVerifier

from tests.support.signing.certificates import NOW, YEAR, issue
from tests.support.signing.signers import file_key, identity_of
from worker.signing.signxml_verifier import ENVELOPED, NotVerified, soap_body, verify
from worker.signing.wsse.names import HEADER, SOAP
from worker.signing.wsse.sign import exclusive_form, sign_body
from worker.signing.xmldsig import sign_enveloped

SOAP_BODY = soap_body(HEADER)
FORMS = {"enveloped": ENVELOPED, "in SOAP": SOAP_BODY}
MISMATCH = (
    "does not belong to its certificate; check that the signer's private key is that of the certificate"
)
SECRET = "0123456789"


@pytest.fixture(params=FORMS)
async def signed(request, key):
    """A signed document, its form and its content."""
    if request.param == "enveloped":
        root = etree.fromstring(f'<m xmlns="urn:m"><egn value="{SECRET}"/></m>')
        return await sign_enveloped(root, key), ENVELOPED, etree.tostring(root, method="c14n")
    text = f'<S:Envelope xmlns:S="{SOAP}"><S:Body><m xmlns="urn:m"><egn value="{SECRET}"/></m></S:Body></S:Envelope>'
    document = await sign_body(etree.fromstring(text), key)
    return document, SOAP_BODY, exclusive_form(etree.fromstring(document)[1])


def refusal(document, form, identity, content):
    with pytest.raises(NotVerified) as caught:
        verify(document, form, identity, content=content)
    assert SECRET not in str(caught.value)
    assert "CN=" not in str(caught.value)
    assert caught.value.__cause__ is None
    return str(caught.value)


def test_what_the_writers_write_is_accepted(signed, key):
    document, form, content = signed
    verify(document, form, key.known, content=content)


def test_another_key(signed):
    document, form, content = signed
    assert MISMATCH in refusal(document, form, identity_of(issue("another")), content)


def test_a_changed_signature_value(signed, key):
    document, form, content = signed
    at = document.index(b"SignatureValue>") + len(b"SignatureValue>")
    changed = document[:at] + (b"A" if document[at : at + 1] != b"A" else b"B") + document[at + 1 :]
    assert MISMATCH in refusal(changed, form, key.known, content)


def test_a_changed_content(signed, key):
    document, form, content = signed
    changed = document.replace(SECRET.encode(), SECRET[::-1].encode())
    assert "InvalidDigest" in refusal(changed, form, key.known, content)


def test_another_content_than_was_meant(signed, key):
    document, form, content = signed
    assert "other content" in refusal(document, form, key.known, content + b" ")


def test_another_certificate_in_the_document(signed, key):
    """signxml by itself accepts it: it goes by the certificate that it is given."""
    document, form, content = signed
    told, other = (
        b64encode(one.public_bytes(Encoding.DER))
        for one in (key.known.certificate, issue("another").certificate)
    )
    changed = document.replace(told, other)
    assert changed != document
    assert "another certificate" in refusal(changed, form, key.known, content)


@pytest.mark.parametrize(
    "change",
    [
        (rb"rsa-sha256", b"rsa-sha512"),
        (rb"xmlenc#sha256", b"xmlenc#sha512"),
        (rb"<(ds:)?SignedInfo", rb"<\1Other"),
        (rb"<\?xml[^>]*>", b"<!DOCTYPE a>"),
        (rb"<(ds:)?Signature[ >].*</(ds:)?Signature>", b""),
    ],
)
def test_another_shape(signed, key, change):
    document, form, content = signed
    changed = re.sub(*change, document, flags=re.DOTALL)
    assert changed != document
    refusal(changed, form, key.known, content)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_another_form(form, signed, key):
    document, own, content = signed
    if form is not own:
        refusal(document, form, key.known, content)


async def test_a_certificate_that_has_expired_is_for_the_key_to_refuse(doctor):
    """By its own clock, before it signs."""
    expired = issue("Доктор Проба", key=doctor.key, start=NOW - 3 * YEAR, end=NOW - YEAR)
    key = file_key("doctor", expired, clock=lambda: NOW - 2 * YEAR)
    await sign_enveloped(etree.fromstring("<m/>"), key)


def test_signxml_still_has_the_methods_that_are_overridden():
    assert all(callable(getattr(XMLVerifier, name)) for name in ("_get_signature", "_tostring", "_c14n"))
