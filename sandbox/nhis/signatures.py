"""Verification of a client's signature by libxmlsec1, and of the certificate that made it.

The profile is that of facts §4: enveloped, the whole message (URI=""), RSA with SHA-256, certificate within.
XAdES, which some clients in production send, is tolerated: further references may point into the signature.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

import xmlsec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization

from sandbox.nhis.errors import NOT_AUTHORIZED, Refused, StatedError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sandbox.nhis.message import Element

_DS = "http://www.w3.org/2000/09/xmldsig#"
_NS = {"ds": _DS}
_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_CANONICAL = {
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/2006/12/xml-c14n11",
    "http://www.w3.org/2001/10/xml-exc-c14n#",
}
_RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_PEM = serialization.Encoding.PEM


def verify(root: Element) -> x509.Certificate:
    """Return the certificate whose key signed the message as it stands. Raises Refused (E003)."""
    signature = _signature(root)
    _check_algorithms(signature)
    _check_references(signature)
    certificate = _certificate(signature)
    xmlsec.tree.add_ids(root, ["Id"])
    context = xmlsec.SignatureContext()
    try:
        context.key = xmlsec.Key.from_memory(
            certificate.public_bytes(_PEM), xmlsec.constants.KeyDataFormatCertPem
        )
        context.verify(signature)
    except xmlsec.Error as error:
        raise _refused("Електронният подпис не отговаря на съдържанието на съобщението.") from error
    return certificate


def check_certificate(certificate: x509.Certificate, authority: x509.Certificate, now: datetime) -> None:
    """Check issuer and validity dates. Raises Refused (E003)."""
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature) as error:
        raise _refused("Удостоверението на подписа не е издадено от доверен издател.") from error
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise _refused("Удостоверението на подписа не е валидно към момента.")


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 fingerprint in hexadecimal, by which signers and tokens are known."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def _signature(root: Element) -> Element:
    found = list(root.iter(f"{{{_DS}}}Signature"))
    if not found:
        raise _refused("Съобщението не е подписано.")
    if len(found) > 1 or found[0] is not root[-1]:
        raise _refused("Подписът трябва да е един и да е последен елемент на съобщението.")
    return found[0]


def _check_algorithms(signature: Element) -> None:
    _expect(signature, "ds:SignedInfo/ds:CanonicalizationMethod/@Algorithm", _CANONICAL)
    _expect(signature, "ds:SignedInfo/ds:SignatureMethod/@Algorithm", {_RSA_SHA256})
    _expect(signature, "ds:SignedInfo/ds:Reference/ds:DigestMethod/@Algorithm", {_SHA256})
    allowed = _CANONICAL | {_ENVELOPED}
    used = set(_texts(signature, "ds:SignedInfo/ds:Reference/ds:Transforms/ds:Transform/@Algorithm"))
    if not used <= allowed:
        raise _refused("Подписът използва непозволена трансформация.")


def _check_references(signature: Element) -> None:
    references = signature.findall("ds:SignedInfo/ds:Reference", _NS)
    whole = [item for item in references if item.get("URI") == ""]
    others = [item.get("URI") or "" for item in references if item not in whole]
    if len(whole) != 1 or not all(uri.startswith("#") for uri in others):
        raise _refused("Подписът трябва да е върху цялото съобщение.")
    if _ENVELOPED not in _texts(whole[0], "ds:Transforms/ds:Transform/@Algorithm"):
        raise _refused("Подписът трябва да е от вид enveloped.")


def _certificate(signature: Element) -> x509.Certificate:
    texts = _texts(signature, "ds:KeyInfo/ds:X509Data/ds:X509Certificate/text()")
    if not texts:
        raise _refused("Подписът не съдържа удостоверение.")
    try:
        return x509.load_der_x509_certificate(base64.b64decode("".join(texts[0].split()), validate=True))
    except (binascii.Error, ValueError) as error:
        raise _refused("Удостоверението в подписа не може да бъде прочетено.") from error


def _expect(element: Element, path: str, allowed: set[str]) -> None:
    found = _texts(element, path)
    if not found or not set(found) <= allowed:
        raise _refused("Подписът използва непозволен алгоритъм.")


def _texts(element: Element, path: str) -> Sequence[str]:
    found = element.xpath(path, namespaces=_NS)
    return [str(item) for item in found] if isinstance(found, list) else []


def _refused(reason: str) -> Refused:
    return Refused([StatedError(NOT_AUTHORIZED, reason)])
