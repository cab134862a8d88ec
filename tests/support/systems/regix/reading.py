"""What an answer of RegiX says, read with lxml and verified by libxmlsec1; nothing of the product is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import xmlsec
from lxml import etree

from tests.support.systems.regix.envelopes import NS

if TYPE_CHECKING:
    from pathlib import Path

_DATA = "{http://egov.bg/RegiX/SignedData}"


def result_of(content: bytes) -> etree._Element:
    """Return the ServiceResultData of an answer, or of a callback."""
    (found,) = etree.fromstring(content).iter(f"{_DATA}ServiceResultData")
    return found


def said(content: bytes) -> dict[str, str | None]:
    """Return the texts of the result's own elements by name; None where they are nil or absent."""
    result = result_of(content)
    names = ("IsReady", "HasError", "Error", "ServiceCallID", "VerificationCode")
    return {name: result.findtext(f"d:{name}", namespaces=NS) or None for name in names}


def response_of(content: bytes) -> etree._Element:
    """Return the register's own element of an answer."""
    (found,) = result_of(content).find("d:Data/d:Response", NS)
    return found


def verify(content: bytes, certificate_file: Path, *, in_envelope: bool = False) -> None:
    """Verify the signature over the Data taken out of the envelope. Raises xmlsec.Error."""
    result = result_of(content)
    data, signature = result.find("d:Data", NS), result.find("ds:Signature", NS)
    within = data if in_envelope else alone(data)
    within.append(signature)
    context = xmlsec.SignatureContext()
    context.register_id(within, "id")
    for properties in signature.iter("{http://uri.etsi.org/01903/v1.3.2#}SignedProperties"):
        context.register_id(properties, "Id")
    context.key = xmlsec.Key.from_file(str(certificate_file), xmlsec.constants.KeyDataFormatCertPem)
    context.verify(signature)


def alone(data: etree._Element) -> etree._Element:
    """Return the Data as a document of its own, in which nothing but XSI, XSD and its own namespace is declared."""
    declared = {None: NS["d"], "xsi": NS["xsi"], "xsd": "http://www.w3.org/2001/XMLSchema"}
    root = etree.Element(data.tag, dict(data.attrib), nsmap=declared)
    root.extend(list(data))
    return etree.fromstring(etree.tostring(root))
