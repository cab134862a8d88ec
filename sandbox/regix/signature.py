"""The signature of an answer: XAdES-like, over the Data, made by libxmlsec1 with inclusive C14N.

RegiX signs the Data as a document of its own, with XSI and XSD declared, and moves the signature beside it. A client
must therefore take the Data out of the envelope, whose other namespaces inclusive C14N would include.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import xmlsec
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from sandbox.regix.names import SIGNED

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509

    from sandbox.authority import Credential
    from sandbox.regix.soap import Element

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
_SIGNED_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_METHODS = {
    "sha256": (xmlsec.constants.TransformRsaSha256, xmlsec.constants.TransformSha256, _SHA256),
    "sha1": (xmlsec.constants.TransformRsaSha1, xmlsec.constants.TransformSha1, f"{DS}sha1"),
}


@dataclass(frozen=True, slots=True)
class Signer:
    """What RegiX signs with; ``name`` tells apart the identifiers of two signatures in one answer."""

    credential: Credential
    name: str = "1"

    def sign(self, data: Element, now: datetime, method: str) -> Element:
        """Sign the Data, a document of its own; return the signature, which was within it and belongs beside it.

        ``method`` is `sha256` or `sha1`; the latter is that of the only published sample.
        """
        algorithm, digest, digest_uri = _METHODS[method]
        template = xmlsec.template.create(data, xmlsec.constants.TransformInclC14N, algorithm, ns="ds")
        template.set("Id", f"Signature-{self.name}")
        reference = xmlsec.template.add_reference(template, digest, uri="#data", id=f"r-id-{self.name}")
        xmlsec.template.add_transform(reference, xmlsec.constants.TransformEnveloped)
        properties = f"SignedProperties-{self.name}"
        xmlsec.template.add_reference(template, digest, uri=f"#{properties}", type=_SIGNED_PROPERTIES)
        xmlsec.template.x509_data_add_certificate(
            xmlsec.template.add_x509_data(xmlsec.template.ensure_key_info(template))
        )
        data.append(template)
        qualifying = self._qualify(template, properties, digest_uri, now)
        self._complete(data, template, qualifying)
        data.remove(template)
        return template

    def _complete(self, data: Element, template: Element, properties: Element) -> None:
        context = xmlsec.SignatureContext()
        context.register_id(data, "id")
        context.register_id(properties, "Id")
        context.key = xmlsec.Key.from_memory(self.credential.key_pem(), xmlsec.constants.KeyDataFormatPem)
        context.key.load_cert_from_memory(
            self.credential.certificate_pem(), xmlsec.constants.KeyDataFormatPem
        )
        context.sign(template)

    def _qualify(self, template: Element, identifier: str, digest_uri: str, now: datetime) -> Element:
        """Add the qualifying properties; return the signed ones."""
        outer = etree.SubElement(
            etree.SubElement(template, f"{{{DS}}}Object"),
            _xades("QualifyingProperties"),
            nsmap={"xades": XADES},
        )
        outer.set("Target", f"#Signature-{self.name}")
        properties = etree.SubElement(outer, _xades("SignedProperties"), Id=identifier)
        about = etree.SubElement(properties, _xades("SignedSignatureProperties"))
        etree.SubElement(about, _xades("SigningTime")).text = now.strftime("%Y-%m-%dT%H:%M:%SZ")
        policy = etree.SubElement(about, _xades("SignaturePolicyIdentifier"))
        etree.SubElement(policy, _xades("SignaturePolicyImplied"))
        certificates = etree.SubElement(about, _xades("SigningCertificateV2"))
        _certificate_digest(certificates, self.credential.certificate, digest_uri)
        place = etree.SubElement(about, _xades("SignatureProductionPlaceV2"))
        etree.SubElement(place, _xades("CountryName")).text = "BG"
        roles = etree.SubElement(etree.SubElement(about, _xades("SignerRoleV2")), _xades("ClaimedRoles"))
        etree.SubElement(roles, _xades("ClaimedRole")).text = "ПОДПИСАН ОТ"
        formats = etree.SubElement(properties, _xades("SignedDataObjectProperties"))
        described = etree.SubElement(
            formats, _xades("DataObjectFormat"), ObjectReference=f"#r-id-{self.name}"
        )
        etree.SubElement(described, _xades("MimeType")).text = "text/xml"
        return properties


def wrapped(signatures: list[Element]) -> bytes:
    """Return one signature as it is, and several within one element of RegiX's namespace."""
    content = b"".join(etree.tostring(one, encoding="utf-8", with_tail=False) for one in signatures)
    return (
        content
        if len(signatures) == 1
        else b'<Signature xmlns="%s">%s</Signature>' % (SIGNED.encode(), content)
    )


def _certificate_digest(parent: Element, certificate: x509.Certificate, digest_uri: str) -> None:
    digest = etree.SubElement(etree.SubElement(parent, _xades("Cert")), _xades("CertDigest"))
    etree.SubElement(digest, f"{{{DS}}}DigestMethod", Algorithm=digest_uri)
    der = certificate.public_bytes(Encoding.DER)
    # SHA-1 is what the published sample has; nothing is protected by it here.
    found = hashlib.sha256(der) if digest_uri == _SHA256 else hashlib.sha1(der)  # noqa: S324
    etree.SubElement(digest, f"{{{DS}}}DigestValue").text = base64.b64encode(found.digest()).decode("ascii")


def _xades(name: str) -> str:
    return f"{{{XADES}}}{name}"
