"""Verification of a client's WS-Security signature by libxmlsec1, and of the certificate that made it.

The profile is that of the known clients: one wsse:Security with one Signature over the Body alone, by
exclusive C14N, SHA-256 and RSA, with the certificate in a KeyIdentifier. A certificate named by issuer and
serial number, as another client names it, would need a list of certificates, and is refused.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

import xmlsec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from lxml import etree

from sandbox.kz_shep.errors import NOT_VALID_NOW, UNSIGNED, WRONG_SIGNATURE, Refused
from sandbox.kz_shep.names import BASE64, BODY_ID, DS, EXCLUSIVE, RSA_SHA256, SHA256, WSSE, WSU, X509V3
from sandbox.kz_shep.soap import header_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sandbox.kz_shep.soap import Element

_NS = {"ds": DS, "wsse": WSSE}
_PEM = serialization.Encoding.PEM
_ALGORITHMS = (
    ("ds:SignedInfo/ds:CanonicalizationMethod/@Algorithm", EXCLUSIVE),
    ("ds:SignedInfo/ds:SignatureMethod/@Algorithm", RSA_SHA256),
    ("ds:SignedInfo/ds:Reference/ds:DigestMethod/@Algorithm", SHA256),
    ("ds:SignedInfo/ds:Reference/ds:Transforms/ds:Transform/@Algorithm", EXCLUSIVE),
)
_IDENTIFIER = "ds:KeyInfo/wsse:SecurityTokenReference/wsse:KeyIdentifier"


def verify(root: Element, body: Element) -> x509.Certificate:
    """Return the certificate whose key signed the Body as it stands. Raises Refused (SCE006, SCE007)."""
    signature = _signature(root)
    _check_algorithms(signature)
    _check_reference(root, body, signature)
    certificate = _certificate(signature)
    context = xmlsec.SignatureContext()
    try:
        context.register_id(body, "Id", WSU)
        context.key = xmlsec.Key.from_memory(
            certificate.public_bytes(_PEM), xmlsec.constants.KeyDataFormatCertPem
        )
        context.verify(signature)
    except xmlsec.Error as error:
        raise _wrong("Подпись не соответствует содержимому Body.", str(error)) from error
    return certificate


def check_certificate(certificate: x509.Certificate, authority: x509.Certificate, now: datetime) -> None:
    """Check issuer (SCE006) and dates of validity (SCE005). Raises Refused."""
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature) as error:
        raise _wrong("Регистрационное свидетельство выдано неизвестным издателем.") from error
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not start <= now <= end:
        period = f"{start.isoformat()} - {end.isoformat()}"
        raise Refused(NOT_VALID_NOW, "Регистрационное свидетельство не действует в этот момент.", period)


def _signature(root: Element) -> Element:
    header = header_of(root)
    securities = [] if header is None else header.findall("wsse:Security", _NS)
    found = securities[0].findall("ds:Signature", _NS) if len(securities) == 1 else []
    if not found:
        raise Refused(UNSIGNED, "В Header нет элемента wsse:Security с подписью ds:Signature.")
    if len(list(root.iter(f"{{{DS}}}Signature"))) != 1:
        raise _wrong("Подпись должна быть одна.")
    return found[0]


def _check_algorithms(signature: Element) -> None:
    for path, allowed in _ALGORITHMS:
        if _found(signature, path) != [allowed]:
            raise _wrong(f"Ожидается один {path} = {allowed}.")
    if signature.find(".//ds:Transform/*", _NS) is not None:
        raise _wrong("Transform должен быть без параметров.")


def _check_reference(root: Element, body: Element, signature: Element) -> None:
    identity = body.get(BODY_ID)
    if not identity or _found(signature, "ds:SignedInfo/ds:Reference/@URI") != [f"#{identity}"]:
        raise _wrong("Подписан должен быть Body: Reference URI = # и wsu:Id этого Body.")
    if sum(_has_identity(element, identity) for element in root.iter(etree.Element)) != 1:
        raise _wrong("Идентификатор Body должен быть в документе один.")


def _has_identity(element: Element, identity: str) -> bool:
    return any(
        value == identity and etree.QName(str(name)).localname.lower() == "id"
        for name, value in element.attrib.items()
    )


def _certificate(signature: Element) -> x509.Certificate:
    found = signature.findall(_IDENTIFIER, _NS)
    if len(found) != 1 or (found[0].get("EncodingType"), found[0].get("ValueType")) != (BASE64, X509V3):
        raise _wrong("Ожидается один KeyIdentifier с регистрационным свидетельством (X509v3, Base64Binary).")
    try:
        return x509.load_der_x509_certificate(
            base64.b64decode("".join((found[0].text or "").split()), validate=True)
        )
    except (binascii.Error, ValueError) as error:
        raise _wrong("Регистрационное свидетельство в подписи не читается.") from error


def _found(element: Element, path: str) -> Sequence[str]:
    found = element.xpath(path, namespaces=_NS)
    return [str(item) for item in found] if isinstance(found, list) else []


def _wrong(reason: str, cause: str | None = None) -> Refused:
    return Refused(WRONG_SIGNATURE, reason, cause)
