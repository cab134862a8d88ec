"""Verification of signed messages by libxmlsec1: code that is not the one that signs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import xmlsec
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

if TYPE_CHECKING:
    from cryptography import x509


def verified(document: bytes, certificate: x509.Certificate) -> etree._Element:
    """Return the root after verifying its last child as an enveloped signature of the whole by this certificate."""
    root = etree.fromstring(document)
    signature = root[-1]
    assert etree.QName(signature).localname == "Signature"
    assert [reference.get("URI") for reference in signature.iter("{*}Reference")] == [""]
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(certificate.public_bytes(Encoding.PEM), xmlsec.KeyFormat.CERT_PEM)
    context.verify(signature)
    return root


def verified_body(document: bytes, certificate: x509.Certificate) -> etree._Element:
    """Return the SOAP Body after verifying the one WS-Security signature, which must be over it."""
    root = etree.fromstring(document)
    (signature,) = root.findall("{*}Header/{*}Security/{*}Signature")
    (body,) = root.findall("{*}Body")
    (body_id,) = (value for name, value in body.attrib.items() if etree.QName(name).localname == "Id")
    assert [reference.get("URI") for reference in signature.iter("{*}Reference")] == [f"#{body_id}"]
    xmlsec.tree.add_ids(root, ["Id"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(certificate.public_bytes(Encoding.PEM), xmlsec.KeyFormat.CERT_PEM)
    context.verify(signature)
    return body
