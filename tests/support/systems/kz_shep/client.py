"""A client of SHEP made of lxml and cryptography alone: it signs requests, and verifies answers twice."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

import xmlsec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from sandbox.stand_in import Request

if TYPE_CHECKING:
    from cryptography import x509

    from sandbox.authority import Credential

NS = {
    "soap": "http://schemas.xmlsoap.org/soap/envelope/",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "wsse": "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
    "wsu": "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd",
    "t": "http://bip.bee.kz/SyncChannel/v10/Types",
}
WSU_ID = f"{{{NS['wsu']}}}Id"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_X509 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
REQUEST = """\
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header/><soap:Body>\
<ns2:SendMessage xmlns:ns2="http://bip.bee.kz/SyncChannel/v10/Types"><request><requestInfo>\
<messageId>92769bcb-a615-4fec-ba5a-81c284d49763</messageId>\
<correlationId>chain-1</correlationId>\
<serviceId>EHEALTH_MEDICAL_EXEMPTION_SEARCH</serviceId>\
<messageDate>2026-11-17T10:35:59.667+05:00</messageDate>\
<sender><senderId>sender-1</senderId><password>invented-1</password></sender>\
</requestInfo><requestData>\
<data xmlns:ns5="http://ehealth.kz/integration/sync" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:type="ns5:MedicalExemptionSearchRequest">{asked}</data>\
</requestData></request></ns2:SendMessage></soap:Body></soap:Envelope>"""
SIGNED_INFO = """\
<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">\
<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>\
<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>\
<ds:Reference URI="#{body_id}"><ds:Transforms>\
<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms>\
<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>\
<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"""
KEY_INFO = f"""\
<wsse:KeyIdentifier xmlns:wsse="{NS["wsse"]}" \
EncodingType="{_X509}-soap-message-security-1.0#Base64Binary" \
ValueType="{_X509}-x509-token-profile-1.0#X509v3">{{certificate}}</wsse:KeyIdentifier>"""


def posted(
    body: bytes,
    path: str = "/bip-sync-wss-gost/",
    content_type: str = "text/xml; charset=utf-8",
    method: str = "POST",
) -> Request:
    """Return the request as the sandbox's server hands it on."""
    return Request(method, path, "", {"content-type": content_type}, body)


def search(**asked: str) -> str:
    """Return an unsigned search by these elements, in the order given."""
    return REQUEST.format(asked="".join(f"<{name}>{value}</{name}>" for name, value in asked.items()))


def signed(
    envelope: str,
    credential: Credential,
    *,
    signed_info: str = SIGNED_INFO,
    key_info: str = KEY_INFO,
    body_id: str = "id-1",
) -> bytes:
    """Return the envelope with its Body signed, by what the templates say."""
    root = etree.fromstring(envelope)
    body = root.find("{*}Body")
    body.set(WSU_ID, body_id)
    info = etree.fromstring(signed_info.format(body_id=body_id, digest=_digest(body)))
    value = credential.key.sign(_canonical(info), PKCS1v15(), SHA256())
    certificate = base64.b64encode(credential.certificate.public_bytes(Encoding.DER)).decode()
    security = etree.SubElement(root.find("{*}Header"), f"{{{NS['wsse']}}}Security", nsmap=NS)
    signature = etree.SubElement(security, f"{{{NS['ds']}}}Signature")
    signature.append(info)
    etree.SubElement(signature, f"{{{NS['ds']}}}SignatureValue").text = base64.b64encode(value).decode()
    key = etree.SubElement(signature, f"{{{NS['ds']}}}KeyInfo")
    token = etree.SubElement(key, f"{{{NS['wsse']}}}SecurityTokenReference")
    token.append(etree.fromstring(key_info.format(certificate=certificate)))
    return etree.tostring(root)


def verified(document: bytes, certificate: x509.Certificate) -> etree._Element:
    """Return the Body after verifying its signature by libxmlsec1, and by hand."""
    root = etree.fromstring(document)
    (body,) = root.findall("{*}Body")
    (signature,) = root.findall("{*}Header/wsse:Security/ds:Signature", NS)
    (reference,) = signature.findall("ds:SignedInfo/ds:Reference", NS)
    assert reference.get("URI") == f"#{body.get(WSU_ID)}"
    context = xmlsec.SignatureContext()
    context.register_id(body, "Id", NS["wsu"])
    context.key = xmlsec.Key.from_memory(certificate.public_bytes(Encoding.PEM), xmlsec.KeyFormat.CERT_PEM)
    context.verify(signature)
    assert reference.findtext("ds:DigestValue", namespaces=NS) == _digest(body)
    value = base64.b64decode(signature.findtext("ds:SignatureValue", namespaces=NS))
    canonical = _canonical(signature.find("ds:SignedInfo", NS))
    certificate.public_key().verify(value, canonical, PKCS1v15(), SHA256())
    return body


def _canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)


def _digest(body: etree._Element) -> str:
    return base64.b64encode(hashlib.sha256(_canonical(body)).digest()).decode()
