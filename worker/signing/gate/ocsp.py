"""OCSP (RFC 6960): the request about a certificate, and what an answer says of it. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from contracts.immutable import immutable
from worker.signing.gate.crl import Unusable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from cryptography.x509.ocsp import OCSPResponse, OCSPSingleResponse

SHORTEST = timedelta(hours=1)
"""How long an answer holds that does not say when the next one comes."""
SKEW = timedelta(minutes=5)
"""How far the responder's clock may be ahead."""
_HASHES = (SHA256, SHA384, SHA512)


@immutable
class Stated:
    """What an answer states: since when the certificate is revoked (None: it is good), and when the answer ends."""

    revoked_at: datetime | None
    ends: datetime


def request(certificate: x509.Certificate, issuer: x509.Certificate) -> bytes:
    """Return the request in DER. It names the certificate by SHA-1, the one name that every responder knows."""
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, SHA1())  # noqa: S303 - a name, no proof
    return builder.build().public_bytes(Encoding.DER)


def stated(content: bytes, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> Stated:
    """Return what the answer states of the certificate at `now`. Raises Unusable."""
    try:
        return _stated(ocsp.load_der_ocsp_response(content), certificate, issuer, now)
    except Unusable:
        raise
    except Exception:  # noqa: BLE001 - whatever a parser makes of bytes of strangers
        raise Unusable("it is not an answer of OCSP") from None


def _stated(
    answer: OCSPResponse, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime
) -> Stated:
    if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise Unusable(f"the responder says {answer.response_status.name.lower()}")
    if not any(_signed_by(answer, one) for one in _responders(answer, issuer, now)):
        raise Unusable("its signature is not the authority's")
    return _read(_of(answer, certificate, issuer), now)


def _read(one: OCSPSingleResponse, now: datetime) -> Stated:
    end = one.next_update_utc or one.this_update_utc + SHORTEST
    if one.this_update_utc > now + SKEW or end <= now:
        raise Unusable("it does not hold at this time")
    if one.certificate_status is ocsp.OCSPCertStatus.UNKNOWN:
        raise Unusable("the responder does not know the certificate")
    return Stated(one.revocation_time_utc, end)


def _of(answer: OCSPResponse, certificate: x509.Certificate, issuer: x509.Certificate) -> OCSPSingleResponse:
    for one in answer.responses:
        asked = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, one.hash_algorithm).build()
        names = (asked.serial_number, asked.issuer_key_hash, asked.issuer_name_hash)
        if names == (one.serial_number, one.issuer_key_hash, one.issuer_name_hash):
            return one
    raise Unusable("it is about another certificate")


def _responders(answer: OCSPResponse, issuer: x509.Certificate, now: datetime) -> Iterator[x509.Certificate]:
    """Yield who may answer: the authority, and those whom it has issued a certificate for that (RFC 6960, 4.2.2.2)."""
    yield issuer
    for one in answer.certificates:
        if _is_delegate(one, issuer) and one.not_valid_before_utc <= now <= one.not_valid_after_utc:
            yield one


def _is_delegate(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
        usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except Exception:  # noqa: BLE001 - not issued by it, not for this, or not readable
        return False
    return ExtendedKeyUsageOID.OCSP_SIGNING in usages


def _signed_by(answer: OCSPResponse, responder: x509.Certificate) -> bool:
    key, algorithm = responder.public_key(), answer.signature_hash_algorithm
    if not isinstance(algorithm, _HASHES):
        return False
    try:
        if isinstance(key, RSAPublicKey):
            key.verify(answer.signature, answer.tbs_response_bytes, PKCS1v15(), algorithm)
        elif isinstance(key, EllipticCurvePublicKey):
            key.verify(answer.signature, answer.tbs_response_bytes, ECDSA(algorithm))
        else:
            return False
    except InvalidSignature:
        return False
    return True
