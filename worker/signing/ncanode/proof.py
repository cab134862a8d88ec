"""Whether a document that NCANode signed is signed by the certificate in it, and whether that one may sign now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from lxml import etree

from worker.signing.certificates import unreadable_validity, usage_problem, validity_problem
from worker.signing.port import CertificateNotValid, SigningFailed
from worker.signing.wsse.named_certificates import whole_certificates
from worker.signing.wsse.schemes import GOST_2004, scheme_of
from worker.signing.wsse.sign import MAX_DOCUMENT_BYTES, exclusive_form
from worker.signing.wsse.signed_body import BadSignature, SignedBody, signed_body
from worker.xml.safe import parse

if TYPE_CHECKING:
    from datetime import datetime


def require_proved(document: bytes, now: datetime) -> None:
    """Return if the signature over the document's Body is by the certificate in it, which is valid at `now`.

    A signature with GOST 34.310-2004 cannot be checked here, and passes. Takes milliseconds for RSA and longer for
    GOST 2015: call it in a thread. Raises SigningFailed; CertificateNotValid where the certificate is not valid.
    """
    try:
        signed = signed_body(parse(document, max_bytes=MAX_DOCUMENT_BYTES))
        if signed.signature_method != GOST_2004:
            certificate = _certificate(signed)
            _require_usable(certificate, now)
            _require_own(signed, certificate)
    except BadSignature as refused:
        raise SigningFailed(f"NCANode's answer cannot be sent: {refused}", transient=False) from None
    except etree.C14NError:
        raise SigningFailed("NCANode's answer has no canonical form", transient=False) from None


def _certificate(signed: SignedBody) -> x509.Certificate:
    found = set(whole_certificates(signed.key_info))
    if len(found) != 1:
        raise BadSignature("Its signature does not hold exactly one certificate.")
    try:
        certificate = x509.load_der_x509_certificate(found.pop())
    except ValueError:
        raise BadSignature("The certificate in its signature cannot be read.") from None
    if problem := unreadable_validity(certificate):
        raise BadSignature(f"In its signature {problem}.")
    return certificate


def _require_usable(certificate: x509.Certificate, now: datetime) -> None:
    which = f"it signed with the certificate with the serial number {certificate.serial_number:x}"
    if problem := validity_problem(certificate, now):
        raise CertificateNotValid(f"{which}, but {problem}")
    if problem := usage_problem(certificate):
        raise SigningFailed(f"{which}, but {problem}", transient=False)


def _require_own(signed: SignedBody, certificate: x509.Certificate) -> None:
    scheme = scheme_of(signed.signature_method, signed.digest_method)
    if not scheme.verify(certificate, signed.signature, exclusive_form(signed.info, signed.info_prefixes)):
        raise BadSignature("Its signature does not belong to the certificate in it.")
    if scheme.digest(exclusive_form(signed.body, signed.body_prefixes)) != signed.digest:
        raise BadSignature("Its signature is not over its Body.")
