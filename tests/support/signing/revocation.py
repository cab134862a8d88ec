"""What an authority says of its certificates: revocation lists and OCSP answers, made on the spot."""

from __future__ import annotations

from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp as library
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.support.signing.certificates import NOW, issue, rsa_key

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
ROOT = issue("Root", authority=True)
OTHER = issue("Other", authority=True)
DOCTOR, GONE = issue("Doctor", issuer=ROOT), issue("Gone", issuer=ROOT)


def crl(*revoked, issuer=ROOT, key=None, start=NOW - DAY, end=NOW + DAY, extension=None):
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(start)
        .next_update(end)
        .add_extension(x509.CRLNumber(7), critical=False)
    )
    if extension is not None:
        builder = builder.add_extension(extension, critical=True)
    for one in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(one.certificate.serial_number)
        builder = builder.add_revoked_certificate(entry.revocation_date(NOW - DAY).build())
    return builder.sign(key or issuer.key, SHA256())


def delegate(*, usage=ExtendedKeyUsageOID.OCSP_SIGNING, end=NOW + HOUR, issuer=ROOT):
    key = rsa_key("delegate")
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Responder")]))
        .issuer_name(issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - 2 * HOUR)
        .not_valid_after(end)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        .sign(issuer.key, SHA256())
    )
    return certificate, key


def answer(
    about=DOCTOR, *, status="GOOD", start=NOW - HOUR, end=NOW + HOUR, by=None, issuer=ROOT, hashed=SHA1
):
    certificate, key = by or (issuer.certificate, issuer.key)
    revoked = status == "REVOKED"
    builder = library.OCSPResponseBuilder().add_response(
        cert=about.certificate,
        issuer=issuer.certificate,
        algorithm=hashed(),
        cert_status=library.OCSPCertStatus[status],
        this_update=start,
        next_update=end,
        revocation_time=NOW - HOUR if revoked else None,
        revocation_reason=None,
    )
    if by is not None:
        builder = builder.certificates([certificate])
    built = builder.responder_id(library.OCSPResponderEncoding.HASH, certificate).sign(key, SHA256())
    return built.public_bytes(Encoding.DER)
