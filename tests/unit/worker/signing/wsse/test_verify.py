"""What is accepted was signed by libxmlsec1 in the forms seen in the field; every attack is one line of a table."""

import base64
from datetime import timedelta

import pytest
import xmlsec
from lxml import etree

from tests.support.signing.certificates import NOW, YEAR, issue
from tests.support.systems.kz_shep.soap import ANSWER, DS, NAMESPACES, SOAP, WSSE, WSU, signed_by_xmlsec
from worker.signing.wsse.sign import sign_body
from worker.signing.wsse.verify import BadSignature, verify_body

GATEWAY = issue("SHEP проба")
OLD_GATEWAY = issue("SHEP старый")
STRANGER = issue("stranger")
PINNED = [OLD_GATEWAY.certificate, GATEWAY.certificate]


def check(document, pinned=PINNED, now=NOW):
    verify_body(document, pinned, now=now)


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


def resigned(document, change):
    root = etree.fromstring(document)
    change(root)
    xmlsec.tree.add_ids(root, ["Id"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(GATEWAY.key_pem(), xmlsec.KeyFormat.PEM)
    context.sign(root.find(".//ds:Signature", NAMESPACES))
    return etree.tostring(root)


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


def changed(document, change):
    root = etree.fromstring(document)
    change(root)
    return etree.tostring(root)


def body_of(root):
    return root.find("S:Body", NAMESPACES)


def forged_body(*, with_id=True):
    forged = etree.Element(f"{{{SOAP}}}Body")
    if with_id:
        forged.set(f"{{{WSU}}}Id", "body-1")
    etree.SubElement(forged, "forged")
    return forged


def change_text(root):
    root.find(".//data").text = "FORGED"


def move_body_into_the_header(root):
    body = body_of(root)
    root.append(forged_body(with_id=False))
    etree.SubElement(root.find("S:Header", NAMESPACES), "wrapper").append(body)


def move_body_into_the_security_header(root):
    body = body_of(root)
    root.append(forged_body())
    etree.SubElement(root.find("S:Header/wsse:Security", NAMESPACES), "wrapper").append(body)


def move_body_into_an_object(root):
    body = body_of(root)
    root.append(forged_body(with_id=False))
    etree.SubElement(root.find(".//ds:Signature", NAMESPACES), f"{{{DS}}}Object").append(body)


def move_body_into_the_new_body(root):
    body = body_of(root)
    forged = forged_body()
    forged.append(body)
    root.append(forged)


def hide_body_under_another_name(root):
    body = body_of(root)
    root.insert(0, forged_body(with_id=False))
    body.tag = "{urn:x}Body"


def second_body_first(root):
    root.insert(0, forged_body())


def second_body_last(root):
    root.append(forged_body(with_id=False))


def second_header(root):
    root.insert(0, etree.Element(f"{{{SOAP}}}Header"))


def envelope_inside(root):
    root.find("S:Header", NAMESPACES).append(etree.Element(f"{{{SOAP}}}Envelope"))


def something_beside_the_body(root):
    root.append(etree.Element("forged"))


def twin(name):
    def change(root):
        twin = etree.SubElement(root.find("S:Header", NAMESPACES), "twin")
        twin.set(name, "body-1")

    return change


def refer_to_the_header(root):
    etree.SubElement(root.find("S:Header", NAMESPACES), "other").set(f"{{{WSU}}}Id", "other")
    root.find(".//ds:Reference", NAMESPACES).set("URI", "#other")


def refer_to(uri):
    return lambda root: root.find(".//ds:Reference", NAMESPACES).set("URI", uri)


def no_uri(root):
    del root.find(".//ds:Reference", NAMESPACES).attrib["URI"]


def no_id(root):
    del body_of(root).attrib[f"{{{WSU}}}Id"]


def second_reference(root):
    info = root.find(".//ds:SignedInfo", NAMESPACES)
    info.append(etree.fromstring(etree.tostring(info[2])))


def second_signature(root):
    security = root.find("S:Header/wsse:Security", NAMESPACES)
    security.append(etree.fromstring(etree.tostring(security[0])))


def second_security(root):
    header = root.find("S:Header", NAMESPACES)
    header.append(etree.fromstring(etree.tostring(header[0])))


def no_security(root):
    header = root.find("S:Header", NAMESPACES)
    header.remove(header[0])


def bare_signature(root):
    header = root.find("S:Header", NAMESPACES)
    header.append(header[0][0])
    header.remove(header[0])


def comment_in_a_value(root):
    data = root.find(".//data")
    data.text = "ТҰ"
    comment = etree.Comment("x")
    data.append(comment)
    comment.tail = "МАР"


def comment_in_the_digest(root):
    root.find(".//ds:DigestValue", NAMESPACES).append(etree.Comment("x"))


def instruction_in_the_header(root):
    root.find("S:Header", NAMESPACES).append(etree.ProcessingInstruction("x"))


def algorithm(path, uri):
    return lambda root: root.find(f".//ds:{path}", NAMESPACES).set("Algorithm", uri)


def transform_more(root):
    transforms = root.find(".//ds:Transforms", NAMESPACES)
    etree.SubElement(
        transforms, f"{{{DS}}}Transform", Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"
    )


def no_transforms(root):
    transforms = root.find(".//ds:Transforms", NAMESPACES)
    transforms.getparent().remove(transforms)


def parameters_of_the_method(root):
    etree.SubElement(root.find(".//ds:SignatureMethod", NAMESPACES), f"{{{DS}}}HMACOutputLength").text = "0"


def text_of(path, text):
    def change(root):
        root.find(f".//{path}", NAMESPACES).text = text

    return change


def flip_signature(root):
    value = root.find(".//ds:SignatureValue", NAMESPACES)
    raw = bytearray(base64.b64decode(value.text))
    raw[5] ^= 1
    value.text = base64.b64encode(raw).decode()


def two_ids(root):
    body_of(root).set("Id", "body-1")


ATTACKS = {
    "changed text": (change_text, "not the one that was signed"),
    "Body moved into the Header": (
        move_body_into_the_header,
        "hold its Header and then its Body|exactly one Body",
    ),
    "Body moved into wsse:Security": (move_body_into_the_security_header, "exactly one Body"),
    "Body moved into ds:Object": (move_body_into_an_object, "exactly one Body"),
    "Body moved into a new Body": (move_body_into_the_new_body, "exactly one Body"),
    "Body under another name": (hide_body_under_another_name, "Header and then its Body"),
    "second Body, first": (second_body_first, "exactly one Body"),
    "second Body, last": (second_body_last, "exactly one Body"),
    "second Header": (second_header, "exactly one Header"),
    "Envelope in the Header": (envelope_inside, "exactly one Envelope"),
    "element beside the Body": (something_beside_the_body, "Header and then its Body"),
    "twin by wsu:Id": (twin(f"{{{WSU}}}Id"), "Another element"),
    "twin by Id": (twin("Id"), "Another element"),
    "twin by ID": (twin("ID"), "Another element"),
    "twin by xml:id": (twin("{http://www.w3.org/XML/1998/namespace}id"), "Another element"),
    "twin by an Id of another namespace": (twin("{urn:x}Id"), "Another element"),
    "two ids at the Body": (two_ids, "Another element"),
    "Reference to another element": (refer_to_the_header, "does not refer to the Body"),
    "Reference to the document": (refer_to(""), "does not refer to the Body"),
    "Reference by XPointer": (refer_to("#xpointer(id('body-1'))"), "does not refer to the Body"),
    "Reference without URI": (no_uri, "does not refer to the Body"),
    "Body without id": (no_id, "does not refer to the Body"),
    "two References": (second_reference, "SignedInfo must hold"),
    "two Signatures": (second_signature, "exactly one ds:Signature"),
    "two wsse:Security": (second_security, "exactly one wsse:Security"),
    "no wsse:Security": (no_security, "exactly one wsse:Security"),
    "Signature without wsse:Security": (bare_signature, "exactly one wsse:Security"),
    "comment in a value": (comment_in_a_value, "holds a comment"),
    "comment in the digest": (comment_in_the_digest, "holds a comment"),
    "instruction in the Header": (instruction_in_the_header, "processing instruction"),
    "digest by SHA-1": (
        algorithm("DigestMethod", "http://www.w3.org/2000/09/xmldsig#sha1"),
        "digest is made with an algorithm that is not accepted",
    ),
    "digest by SHA-512": (
        algorithm("DigestMethod", "http://www.w3.org/2001/04/xmlenc#sha512"),
        "digest is made with an algorithm that is not accepted",
    ),
    "signature by SHA-1": (algorithm("SignatureMethod", f"{DS}rsa-sha1"), "SHA-1"),
    "signature by HMAC": (
        algorithm("SignatureMethod", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"),
        "algorithm that is not accepted",
    ),
    "signature by GOST 2004": (
        algorithm("SignatureMethod", "http://www.w3.org/2001/04/xmldsig-more#gost34310-gost34311"),
        "34.310-2004, which cannot be checked here",
    ),
    "SignedInfo in inclusive form": (
        algorithm("CanonicalizationMethod", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"),
        "another canonical form",
    ),
    "Body with comments": (
        algorithm("Transform", "http://www.w3.org/2001/10/xml-exc-c14n#WithComments"),
        "another canonical form",
    ),
    "enveloped transform": (algorithm("Transform", f"{DS}enveloped-signature"), "another canonical form"),
    "a second transform": (transform_more, "Transforms must hold"),
    "no transform": (no_transforms, "Reference must hold"),
    "parameters": (parameters_of_the_method, "SignatureMethod must hold: nothing"),
    "digest not base64": (text_of("ds:DigestValue", "%%"), "DigestValue is not base64"),
    "signature not base64": (text_of("ds:SignatureValue", "é"), "SignatureValue is not base64"),
    "digest cut": (text_of("ds:DigestValue", ""), "does not belong"),
    "signature changed": (flip_signature, "does not belong"),
    "signature empty": (text_of("ds:SignatureValue", ""), "does not belong"),
    "certificate not base64": (text_of("wsse:KeyIdentifier", "%"), "certificate in the signature's KeyInfo"),
    "certificate empty": (text_of("wsse:KeyIdentifier", ""), "not one of the pinned"),
}


@pytest.mark.parametrize(("change", "problem"), ATTACKS.values(), ids=ATTACKS.keys())
def test_attacks(change, problem):
    document = signed_by_xmlsec(GATEWAY)
    check(document)
    with pytest.raises(BadSignature, match=problem):
        check(changed(document, change))


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
