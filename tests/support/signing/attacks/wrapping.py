"""Signature wrapping: the verifier finds the signed Body, and the application reads another."""

import copy

from lxml import etree

from tests.support.signing.attacks.attack import Attack, found, tampered
from tests.support.systems.kz_shep.soap import DS, NAMESPACES, WSU

_SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
_XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
_OTHER_SIGNATURE = "another ds:Signature beside that of wsse:Security"


def _header(root):
    return root.find("{*}Header")


def _body(root):
    return root.find("{*}Body")


def _forged_twin(root):
    """Return a copy of the Body with the same id and other content."""
    twin = copy.deepcopy(_body(root))
    twin[:] = [etree.Element("forged")]
    return twin


def _body_into(path):
    """Move the signed Body there, and put a forged one with the same id into its place."""

    def change(root):
        signed, twin = _body(root), _forged_twin(root)
        root.replace(signed, twin)
        parent = root.find(path, NAMESPACES)
        etree.SubElement(parent, "wrapper").append(signed)

    return change


def _renamed(path, tag):
    def change(root):
        root.find(path, NAMESPACES).tag = tag

    return change


def _envelope_in_an_envelope(root):
    inner = copy.deepcopy(root)
    _body(root)[:] = [inner]


def _body_of_soap_12_behind_it(root):
    root.append(etree.Element(f"{{{_SOAP_12}}}Body"))


def _body_before_the_header(root):
    root.insert(0, _body(root))


def _id_as(name):
    """Name the Body by another kind of id, and forge one that has the kind that is looked for."""

    def change(root):
        signed = _body(root)
        signed.set(name, signed.attrib.pop(f"{{{WSU}}}Id"))

    return change


def _empty_id_beside(root):
    """An empty wsu:Id, so that a reader which takes the first of two ids takes the other."""
    body = _body(root)
    body.set("Id", body.get(f"{{{WSU}}}Id"))
    body.set(f"{{{WSU}}}Id", "")
    etree.SubElement(_header(root), "twin").set(f"{{{WSU}}}Id", "body-1")


def _id_inside_the_signature(name):
    return lambda root: found(root, "KeyInfo").set(name, "body-1")


def _id_in_the_body(root):
    """Signed by the right key: the twin stands in the content."""
    _body(root)[0].set("Id", "body-1")


def _second_signature_in_the_header(root):
    etree.SubElement(_header(root), "other").append(copy.deepcopy(found(root, "Signature")))


def _signature_in_the_signature(root):
    found(root, "Signature").append(copy.deepcopy(found(root, "Signature")))


def _signature_in_an_object(root):
    signature = found(root, "Signature")
    etree.SubElement(signature, f"{{{DS}}}Object").append(copy.deepcopy(signature))


def _signature_in_key_info(root):
    found(root, "KeyInfo").append(copy.deepcopy(found(root, "Signature")))


def _second_signed_info(root):
    info = found(root, "SignedInfo")
    info.addnext(copy.deepcopy(info))


def _signed_info_in_an_object(root):
    signature, info = found(root, "Signature"), found(root, "SignedInfo")
    signature.replace(info, copy.deepcopy(info))
    etree.SubElement(signature, f"{{{DS}}}Object").append(info)


def _unsigned_content_in_an_object(root):
    etree.SubElement(found(root, "Signature"), f"{{{DS}}}Object").append(etree.Element("forged"))


def _long_id(root):
    _body(root).set(f"{{{WSU}}}Id", "a" * 300)
    found(root, "Reference").set("URI", f"#{'a' * 300}")


_HOLDS = "Signature must hold: SignedInfo, SignatureValue, KeyInfo"
_TWIN = "Another element has the Body's id"
_CHANGES = {
    **{
        f"signed Body in {place}, its twin in its place": (tampered(_body_into(path)), "exactly one Body")
        for place, path in {
            "the Header": "S:Header",
            "wsse:Security": "S:Header/wsse:Security",
            "the Signature": ".//ds:Signature",
            "KeyInfo": ".//ds:KeyInfo",
            "the Envelope": ".",
            "its twin": "S:Body",
        }.items()
    },
    "Envelope in the Body": (tampered(_envelope_in_an_envelope), "exactly one Envelope"),
    "Body of SOAP 1.2 behind it": (tampered(_body_of_soap_12_behind_it), "Header and then its Body"),
    "Body before the Header": (tampered(_body_before_the_header), "Header and then its Body"),
    "Envelope of another namespace": (tampered(_renamed(".", "{urn:soap}Envelope")), "not a SOAP envelope"),
    "Envelope without namespace": (tampered(_renamed(".", "Envelope")), "not a SOAP envelope"),
    "Envelope of SOAP 1.2 over SOAP 1.1": (
        tampered(_renamed(".", f"{{{_SOAP_12}}}Envelope")),
        "exactly one Header",
    ),
    "Body of another namespace": (tampered(_renamed("S:Body", "{urn:soap}Body")), "exactly one Body"),
    "Security of another namespace": (
        tampered(_renamed("S:Header/wsse:Security", "{urn:wsse}Security")),
        "exactly one wsse:Security",
    ),
    "Signature of another namespace": (
        tampered(_renamed(".//ds:Signature", "{urn:ds}Signature")),
        "exactly one ds:Signature",
    ),
    "SignedInfo of another namespace": (tampered(_renamed(".//ds:SignedInfo", "SignedInfo")), _HOLDS),
    "Body named by xml:id alone": (tampered(_id_as(_XML_ID)), "does not refer to the Body"),
    "Body named by ID alone": (tampered(_id_as("ID")), "does not refer to the Body"),
    "Body named by an id of another namespace": (
        tampered(_id_as("{urn:ids}Id")),
        "does not refer to the Body",
    ),
    "empty wsu:Id at the Body, and its id at a twin": (tampered(_empty_id_beside), _TWIN),
    "twin of the id in KeyInfo": (tampered(_id_inside_the_signature("Id")), _TWIN),
    "twin of the id in KeyInfo, in small letters": (tampered(_id_inside_the_signature("id")), _TWIN),
    "twin of the id in the Body": (tampered(_id_in_the_body), _TWIN),
    "an id without end": (tampered(_long_id), "Body's id is too long"),
    "second Signature in the Header": (tampered(_second_signature_in_the_header), _OTHER_SIGNATURE),
    "Signature in the Signature": (tampered(_signature_in_the_signature), _OTHER_SIGNATURE),
    "Signature in an Object": (tampered(_signature_in_an_object), _OTHER_SIGNATURE),
    "Signature in KeyInfo": (tampered(_signature_in_key_info), _OTHER_SIGNATURE),
    "second SignedInfo": (tampered(_second_signed_info), _HOLDS),
    "signed SignedInfo in an Object": (tampered(_signed_info_in_an_object), _HOLDS),
    "unsigned content in an Object": (tampered(_unsigned_content_in_an_object), _HOLDS),
}
_FIRST = "InvalidInput|InvalidDigest|DocumentInvalid|does not belong|other (transforms|parts)|another frame"
ATTACKS = {name: Attack(*both, _FIRST, enveloped=False) for name, both in _CHANGES.items()}
