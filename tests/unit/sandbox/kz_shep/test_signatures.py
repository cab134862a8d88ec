"""Signatures that the gateway does not take, each with the code that says why."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from sandbox.authority import Authority
from sandbox.kz_shep.variants import Variants
from sandbox.pki import DOCTORS, OUTSIDER
from tests.support.systems.kz_shep.client import KEY_INFO, NS, SIGNED_INFO, WSU_ID, search, signed

GOOD = search(number="01085")
BODY = "<soap:Body>"
SECURITY = "soap:Header/wsse:Security"
HEADER = "<soap:Header/>"
PART = b'<part xml:id="part"></part>'
WRONG = "SCE006"
INCLUSIVE = '<ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="ns2"/>'


def signature_of(root):
    return root.find(f"{SECURITY}/ds:Signature", NS)


def tamper_body(root):
    root.find(".//number").text = "02017"


def tamper_value(root):
    value = signature_of(root).find("ds:SignatureValue", NS)
    value.text = value.text[:20] + ("A" if value.text[20] != "A" else "B") + value.text[21:]


def tamper_digest(root):
    signature_of(root).find(".//ds:DigestValue", NS).text = "eqb07lP5ddRlF3l0RYWk7ZwYDjoifevOji7IqgtnX/I="


def second_signature(root):
    signature = signature_of(root)
    signature.getparent().append(etree.fromstring(etree.tostring(signature)))


def signature_elsewhere(root):
    etree.SubElement(root.find("soap:Header", NS), f"{{{NS['ds']}}}Signature")


def same_id_twice(root):
    root.find("soap:Header", NS).set("{http://www.w3.org/XML/1998/namespace}id", "id-1")


def same_id_of_another_kind(root):
    root.find(SECURITY, NS).set("ID", "id-1")


def wrapped(root):
    """Move the signed Body away and put another in its place: signature wrapping."""
    body = root.find("soap:Body", NS)
    other = etree.fromstring(etree.tostring(body))
    other.find(".//number").text = "02017"
    other.set(WSU_ID, "id-2")
    root.replace(body, other)
    body.tag = "body"
    etree.SubElement(root.find(SECURITY, NS), "wrapper").append(body)


def no_certificate(root):
    signature_of(root).find(".//wsse:KeyIdentifier", NS).text = "AAAA"


def broken_certificate(root):
    signature_of(root).find(".//wsse:KeyIdentifier", NS).text = "не base64"


def by_issuer(root):
    token = signature_of(root).find(".//wsse:SecurityTokenReference", NS)
    token.clear()
    etree.SubElement(token, f"{{{NS['ds']}}}X509Data")


def id_without_namespace(root):
    body = root.find("soap:Body", NS)
    body.set("Id", body.attrib.pop(WSU_ID))


@pytest.mark.parametrize(
    "change",
    [
        tamper_body,
        tamper_value,
        tamper_digest,
        second_signature,
        signature_elsewhere,
        same_id_twice,
        same_id_of_another_kind,
        wrapped,
        no_certificate,
        broken_certificate,
        by_issuer,
        id_without_namespace,
    ],
)
def test_a_changed_message_is_refused(shep, client, post, change):
    root = etree.fromstring(signed(GOOD, client))
    change(root)
    answer = shep.answer(post(etree.tostring(root)))
    assert (answer.status, answer.kind) == (500, WRONG)
    assert "Не верная транспортная подпись" in answer.body.decode()
    assert shep.ledger()["searches"] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2001/10/xml-exc-c14n#", "TR/2001/REC-xml-c14n-20010315"),
        ("http://www.w3.org/2001/10/xml-exc-c14n#", "http://www.w3.org/2001/10/xml-exc-c14n#WithComments"),
        ("xmldsig-more#rsa-sha256", "xmldsig-more#rsa-sha512"),
        ("xmlenc#sha256", "xmlenc#sha512"),
        ('URI="#{body_id}"', 'URI=""'),
        ('URI="#{body_id}"', 'URI="#other"'),
        ('URI="#{body_id}"', ""),
        (
            "</ds:Transforms>",
            '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms>',
        ),
        ("</ds:SignedInfo>", '<ds:Reference URI="#{body_id}"/></ds:SignedInfo>'),
        (
            'exc-c14n#"/></ds:Transforms>',
            f'exc-c14n#">{INCLUSIVE}</ds:Transform></ds:Transforms>',
        ),
    ],
)
def test_another_profile_is_refused(shep, client, post, old, new):
    assert old in SIGNED_INFO
    answer = shep.answer(post(signed(GOOD, client, signed_info=SIGNED_INFO.replace(old, new))))
    assert answer.kind == WRONG


@pytest.mark.parametrize(("old", "new"), [("#Base64Binary", "#HexBinary"), ("#X509v3", "#PKCS7")])
def test_another_kind_of_certificate_is_refused(shep, client, post, old, new):
    answer = shep.answer(post(signed(GOOD, client, key_info=KEY_INFO.replace(old, new))))
    assert answer.kind == WRONG


def test_a_signature_of_something_else_is_refused(shep, client, post):
    part = '<part xmlns="" xml:id="part"/>'
    digest = base64.b64encode(hashlib.sha256(PART).digest()).decode()
    info = SIGNED_INFO.replace("#{body_id}", "#part").replace("{digest}", digest)
    answer = shep.answer(
        post(signed(GOOD.replace(HEADER, f"<soap:Header>{part}</soap:Header>"), client, signed_info=info))
    )
    assert answer.kind == WRONG
    assert "wsu:Id этого Body" in answer.body.decode()


def test_another_key_than_the_certificates_is_refused(shep, authority, client, post):
    other = authority.issue_signer(DOCTORS[1])
    mixed = type(client)(other.key, client.certificate)
    assert shep.answer(post(signed(GOOD, mixed))).kind == WRONG


def test_another_authoritys_certificate_is_refused(shep, post):
    outsider = Authority.create("Test CA").issue_signer(OUTSIDER)
    assert shep.answer(post(signed(GOOD, outsider))).kind == WRONG


@pytest.mark.parametrize(("start", "end"), [(-20, -10), (10, 20)])
def test_a_certificate_out_of_its_period_is_refused(shep, authority, post, start, end):
    now = datetime.now(UTC)
    period = {"not_before": now + timedelta(days=start), "not_after": now + timedelta(days=end)}
    answer = shep.answer(post(signed(GOOD, authority.issue_signer(DOCTORS[0], **period))))
    assert answer.kind == "SCE005"
    assert "Транспортная подпись не актуальная" in answer.body.decode()


def no_security(root):
    root.find("soap:Header", NS).clear()


def no_header(root):
    root.remove(root.find("soap:Header", NS))


def empty_security(root):
    root.find(SECURITY, NS).clear()


def two_securities(root):
    security = root.find(SECURITY, NS)
    security.addnext(etree.Element(security.tag))


def signature_in_header(root):
    header, signature = root.find("soap:Header", NS), signature_of(root)
    header.remove(root.find(SECURITY, NS))
    header.append(signature)


@pytest.mark.parametrize(
    "change", [no_security, no_header, empty_security, two_securities, signature_in_header]
)
def test_an_unsigned_message_is_refused(shep, client, post, change):
    root = etree.fromstring(signed(GOOD, client))
    change(root)
    answer = shep.answer(post(etree.tostring(root)))
    assert answer.kind == "SCE007"
    assert "Сообщение не подписано" in answer.body.decode()


def test_the_signature_is_checked_before_the_structure(shep, client, post):
    root = etree.fromstring(
        signed(
            search(number="01085")
            .replace("<senderId>", "<sender>", 1)
            .replace("</senderId>", "</sender>", 1),
            client,
        )
    )
    tamper_value(root)
    assert shep.answer(post(etree.tostring(root))).kind == WRONG


def test_a_bare_fault_where_it_is_asked_for(make, client, post):
    shep = make(Variants(bare_security_faults=True))
    unsigned = etree.fromstring(shep.answer(post(GOOD.encode())).body)
    assert unsigned.findtext(".//faultstring") == "WS-SECURITY is not valid"
    assert unsigned.find(".//detail") is None
    other = shep.answer(post(signed(GOOD.replace("<request>", "<r/><request>"), client)))
    assert b"SCE001" in other.body
