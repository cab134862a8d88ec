"""What is accepted was signed by libxmlsec1 in the forms seen in the field, with a certificate that is pinned."""

from datetime import timedelta

import pytest
import xmlsec
from lxml import etree

from tests.support.signing.certificates import NOW, YEAR
from tests.support.signing.wsse import (
    GATEWAY,
    OLD_GATEWAY,
    STRANGER,
    change_text,
    changed,
    check,
    resigned,
    text_of,
)
from tests.support.systems.kz_shep.soap import ANSWER, DS, NAMESPACES, SOAP, WSSE, signed_by_xmlsec
from worker.signing.wsse.sign import sign_body
from worker.signing.wsse.verify import BadSignature


async def test_our_own_signature(key):
    check(await sign_body(etree.fromstring(ANSWER), key), [key.known.certificate])


@pytest.mark.parametrize("key_info", ["identifier", "certificate", "issuer and serial"])
@pytest.mark.parametrize("signer", [GATEWAY, OLD_GATEWAY], ids=["new", "old"])
@pytest.mark.parametrize("prefixes", [None, "xs S", "none such"])
def test_signatures_by_others(key_info, signer, prefixes):
    check(signed_by_xmlsec(signer, key_info=key_info, prefixes=prefixes))


def test_inclusive_namespaces_of_signed_info():
    """As WSS4J writes them; libxmlsec1's templates cannot, so the method's child is put in before it signs."""
    document = signed_by_xmlsec(GATEWAY)
    assert resigned(document, add_prefixes_to_info) != document
    check(resigned(document, add_prefixes_to_info))


def add_prefixes_to_info(root):
    exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"
    method = root.find(".//ds:CanonicalizationMethod", NAMESPACES)
    etree.SubElement(
        method, f"{{{exclusive}}}InclusiveNamespaces", nsmap={"ec": exclusive}, PrefixList="S xs"
    )


def test_line_breaks_in_base64_do_not_matter():
    """Java ends the lines of base64 with CR LF, and writes the CR as a reference; in SignedInfo it is signed."""

    def wrap(root):
        digest = root.find(".//ds:DigestValue", NAMESPACES)
        digest.text = f"{digest.text[:20]}\r\n{digest.text[20:]}"

    def wrap_signature(root):
        value = root.find(".//ds:SignatureValue", NAMESPACES)
        value.text = value.text.replace("\n", "\r\n")

    root = changed(resigned(signed_by_xmlsec(GATEWAY), wrap), wrap_signature)
    assert root.count(b"&#13;\n") > 2
    check(root)


FORMS = {
    "SHA-1 that is really used": ({"digest": xmlsec.Transform.SHA1}, "digest is made with"),
    "RSA-SHA1 that is really used": ({"method": xmlsec.Transform.RSA_SHA1}, "SHA-1"),
    "RSA-SHA512": ({"method": xmlsec.Transform.RSA_SHA512}, "algorithm that is not accepted"),
    "inclusive C14N of SignedInfo": ({"info_form": xmlsec.Transform.C14N}, "another canonical form"),
    "inclusive C14N of the Body": ({"body_form": xmlsec.Transform.C14N}, "another canonical form"),
    "the default namespace included": ({"prefixes": "xs #default"}, "lists #default"),
    "no certificate named": ({"key_info": "key name"}, "names no certificate"),
}


@pytest.mark.parametrize(("options", "problem"), FORMS.values(), ids=FORMS.keys())
def test_valid_signatures_of_another_form_are_refused(options, problem):
    with pytest.raises(BadSignature, match=problem):
        check(signed_by_xmlsec(GATEWAY, **options))


@pytest.mark.parametrize("key_info", ["identifier", "certificate", "issuer and serial"])
def test_a_foreign_certificate_is_refused(key_info):
    with pytest.raises(BadSignature, match="not one of the pinned"):
        check(signed_by_xmlsec(STRANGER, key_info=key_info))


def test_nothing_pinned_accepts_nothing():
    with pytest.raises(BadSignature, match="not one of the pinned"):
        check(signed_by_xmlsec(GATEWAY), [])


def test_a_pinned_certificate_named_for_a_strangers_signature_is_refused():
    def name_the_gateway(root):
        named = etree.fromstring(signed_by_xmlsec(GATEWAY)).find(".//wsse:KeyIdentifier", NAMESPACES)
        root.find(".//wsse:KeyIdentifier", NAMESPACES).text = named.text

    with pytest.raises(BadSignature, match="does not belong"):
        check(changed(signed_by_xmlsec(STRANGER), name_the_gateway))


def test_the_same_name_and_serial_number_are_not_enough():
    """Another certificate in full is not outweighed by the serial number of a pinned one beside it."""

    def add_serial(root):
        pair = etree.fromstring(signed_by_xmlsec(GATEWAY, key_info="issuer and serial"))
        root.find(".//ds:KeyInfo", NAMESPACES).append(pair.find(".//ds:X509Data", NAMESPACES))

    with pytest.raises(BadSignature, match="not one of the pinned"):
        check(changed(signed_by_xmlsec(STRANGER), add_serial))


@pytest.mark.parametrize("serial", ["", "x", "-1", "9" * 5000, "١"])
def test_odd_serial_numbers_name_nothing(serial):
    document = changed(
        signed_by_xmlsec(GATEWAY, key_info="issuer and serial"), text_of("ds:X509SerialNumber", serial)
    )
    with pytest.raises(BadSignature, match="names no certificate"):
        check(document)


@pytest.mark.parametrize(
    ("now", "problem"),
    [(NOW + YEAR + timedelta(days=1), "expired on"), (NOW - YEAR - timedelta(days=1), "valid only from")],
)
def test_a_pinned_certificate_must_be_valid_now(now, problem):
    with pytest.raises(BadSignature, match=problem):
        check(signed_by_xmlsec(GATEWAY), now=now)


DOCUMENTS = {
    "nothing": (b"", "empty"),
    "not XML": (b"Service Unavailable", "not well-formed"),
    "a page": (b"<html><body>502</body></html>", "HTML"),
    "a DTD": (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "DTD"),
    "no envelope": (b"<a/>", "not a SOAP envelope"),
    "no header": (f'<S:Envelope xmlns:S="{SOAP}"><S:Body/></S:Envelope>'.encode(), "exactly one Header"),
    "no body": (f'<S:Envelope xmlns:S="{SOAP}"><S:Header/></S:Envelope>'.encode(), "exactly one Body"),
    "not signed": (ANSWER.encode(), "exactly one wsse:Security"),
    "an empty signature": (
        ANSWER.replace(
            "<S:Header/>",
            f'<S:Header><w:Security xmlns:w="{WSSE}"><Signature xmlns="{DS}"/></w:Security></S:Header>',
        ).encode(),
        "Signature must hold: SignedInfo, SignatureValue, KeyInfo",
    ),
}


@pytest.mark.parametrize(("document", "problem"), DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_other_documents(document, problem):
    with pytest.raises(BadSignature, match=problem):
        check(document)


def test_no_problem_quotes_the_content():
    document = changed(signed_by_xmlsec(GATEWAY), change_text)
    with pytest.raises(BadSignature) as caught:
        check(document)
    assert "FORGED" not in str(caught.value)
    assert caught.value.__context__ is None
