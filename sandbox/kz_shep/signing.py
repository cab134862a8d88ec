"""The gateway's and the NCANode's signature over a Body, made by libxmlsec1."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import xmlsec
from cryptography.hazmat.primitives import serialization
from lxml import etree

from sandbox.kz_shep.names import BASE64, BODY_ID, DS, WSSE, WSU, X509V3
from sandbox.kz_shep.soap import soap_of

if TYPE_CHECKING:
    from cryptography import x509

    from sandbox.authority import Credential
    from sandbox.kz_shep.soap import Element


def new_security(header: Element) -> Element:
    """Return a new wsse:Security at the end of the header."""
    security = etree.SubElement(header, f"{{{WSSE}}}Security", nsmap={"wsse": WSSE, "wsu": WSU})
    security.set(f"{{{soap_of(header)}}}mustUnderstand", "1")
    return security


def sign(body: Element, security: Element, credential: Credential, body_id: str, *, by_issuer: bool) -> None:
    """Sign the Body as it stands: exclusive C14N, SHA-256, RSA; the Signature goes to the end of ``security``.

    ``by_issuer`` names the certificate by issuer and serial number, else the whole of it is in KeyIdentifier.
    """
    body.set(BODY_ID, body_id)
    signature = xmlsec.template.create(
        security, xmlsec.constants.TransformExclC14N, xmlsec.constants.TransformRsaSha256, ns="ds"
    )
    reference = xmlsec.template.add_reference(signature, xmlsec.constants.TransformSha256, uri=f"#{body_id}")
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformExclC14N)
    security.append(signature)
    context = xmlsec.SignatureContext()
    context.register_id(body, "Id", WSU)
    context.key = xmlsec.Key.from_memory(credential.key_pem(), xmlsec.constants.KeyDataFormatPem)
    context.sign(signature)
    key_info = etree.SubElement(signature, f"{{{DS}}}KeyInfo")  # not signed, and unknown to libxmlsec1
    token = etree.SubElement(key_info, f"{{{WSSE}}}SecurityTokenReference")
    (_name_by_issuer if by_issuer else _name_by_content)(token, credential.certificate)


def _name_by_issuer(token: Element, certificate: x509.Certificate) -> None:
    data = etree.SubElement(token, f"{{{DS}}}X509Data")
    issuer = etree.SubElement(data, f"{{{DS}}}X509IssuerSerial")
    etree.SubElement(issuer, f"{{{DS}}}X509IssuerName").text = certificate.issuer.rfc4514_string()
    etree.SubElement(issuer, f"{{{DS}}}X509SerialNumber").text = str(certificate.serial_number)


def _name_by_content(token: Element, certificate: x509.Certificate) -> None:
    identifier = etree.SubElement(token, f"{{{WSSE}}}KeyIdentifier", EncodingType=BASE64, ValueType=X509V3)
    der = certificate.public_bytes(serialization.Encoding.DER)
    identifier.text = base64.b64encode(der).decode("ascii")
