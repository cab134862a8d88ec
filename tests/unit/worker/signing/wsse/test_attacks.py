"""Signature wrapping and its like: every attack is one line of a table."""

import base64

import pytest
from lxml import etree

from tests.support.signing.wsse import GATEWAY, change_text, changed, check, text_of
from tests.support.systems.kz_shep.soap import DS, NAMESPACES, SOAP, WSU, signed_by_xmlsec
from worker.signing.wsse.verify import BadSignature


def body_of(root):
    return root.find("S:Body", NAMESPACES)


def forged_body(*, with_id=True):
    forged = etree.Element(f"{{{SOAP}}}Body")
    if with_id:
        forged.set(f"{{{WSU}}}Id", "body-1")
    etree.SubElement(forged, "forged")
    return forged


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
        "digest is made with SHA-1",
    ),
    "digest by SHA-512": (
        algorithm("DigestMethod", "http://www.w3.org/2001/04/xmlenc#sha512"),
        "digest is made with an algorithm that is not accepted",
    ),
    "signature by SHA-1": (algorithm("SignatureMethod", f"{DS}rsa-sha1"), "SHA-1"),
    "signature by HMAC": (
        algorithm("SignatureMethod", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"),
        "shared secret",
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
    "enveloped transform": (
        algorithm("Transform", f"{DS}enveloped-signature"),
        "by more than exclusive C14N",
    ),
    "a second transform": (transform_more, "by more than exclusive C14N"),
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
