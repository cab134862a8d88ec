"""A certificate authority that lives in memory: issues server and signer certificates for tests.

Who signs messages has an RSA key, as the systems demand; authorities and servers have keys on P-256, which are
quickly made.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes

VALIDITY = timedelta(days=397)
_BACKDATED = timedelta(hours=1)  # a client's clock may be a little behind
LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
"""How clients on the same machine name the server."""


@dataclass(frozen=True, slots=True)
class Doctor:
    """An invented signer: file name, Cyrillic name, EGN of the certificate, and UIN (10 digits)."""

    name: str
    common_name: str
    egn: str
    uin: str


@dataclass(frozen=True, slots=True)
class TlsCredential:
    """A private key with its certificate."""

    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    certificate: x509.Certificate

    def certificate_pem(self) -> bytes:
        """Return the certificate as PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def key_pem(self) -> bytes:
        """Return the key as unencrypted PKCS#8 PEM."""
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


@dataclass(frozen=True, slots=True)
class Credential(TlsCredential):
    """What a signer has."""

    key: rsa.RSAPrivateKey

    def pkcs12(self, name: str, password: str, issuer: x509.Certificate) -> bytes:
        """Return key, certificate and issuer as PKCS#12 under the password."""
        encryption = serialization.BestAvailableEncryption(password.encode())
        return pkcs12.serialize_key_and_certificates(
            name.encode(), self.key, self.certificate, [issuer], encryption
        )


class Authority:
    """A certificate authority that lives in memory."""

    def __init__(self, credential: TlsCredential) -> None:
        self._credential = credential
        self.certificate = credential.certificate

    @classmethod
    def create(cls, common_name: str) -> Authority:
        """Make a self-signed authority."""
        key = _new_ec_key()
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
        builder = _certificate(name, name, key, _period(None, None)).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        usage = _key_usage("key_cert_sign", "crl_sign")
        builder = builder.add_extension(usage, critical=True)
        return cls(TlsCredential(key, builder.sign(key, hashes.SHA256())))

    def issue_server(self, names: Sequence[str] = LOCAL_NAMES) -> TlsCredential:
        """Issue a TLS server certificate for host names and IP addresses."""
        key = _new_ec_key()
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        builder = self._leaf(subject, key, _period(None, None))
        builder = builder.add_extension(
            x509.SubjectAlternativeName([_general_name(n) for n in names]), critical=False
        )
        builder = builder.add_extension(_key_usage("digital_signature"), critical=True)
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
        return TlsCredential(key, self._signed(builder))

    def issue_signer(
        self, doctor: Doctor, *, not_before: datetime | None = None, not_after: datetime | None = None
    ) -> Credential:
        """Issue a signer's certificate, shaped like a qualified one: subject serialNumber PNOBG-<EGN>."""
        return self.issue_seal(_subject(doctor), not_before=not_before, not_after=not_after)

    def issue_seal(
        self, subject: x509.Name, *, not_before: datetime | None = None, not_after: datetime | None = None
    ) -> Credential:
        """Issue a certificate for signing messages to whom the subject names, such as an organisation."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        builder = self._leaf(subject, key, _period(not_before, not_after))
        builder = builder.add_extension(_key_usage("digital_signature", "content_commitment"), critical=True)
        return Credential(key, self._signed(builder))

    def pem(self) -> bytes:
        """Return the authority's certificate as PEM."""
        return self._credential.certificate_pem()

    def _leaf(
        self, subject: x509.Name, key: CertificateIssuerPrivateKeyTypes, period: tuple[datetime, datetime]
    ) -> x509.CertificateBuilder:
        issuer_key = self._credential.key.public_key()
        return (
            _certificate(subject, self.certificate.subject, key, period)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
        )

    def _signed(self, builder: x509.CertificateBuilder) -> x509.Certificate:
        return builder.sign(self._credential.key, hashes.SHA256())


def _new_ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _period(not_before: datetime | None, not_after: datetime | None) -> tuple[datetime, datetime]:
    now = datetime.now(UTC)
    return not_before or now - _BACKDATED, not_after or now + VALIDITY


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: CertificateIssuerPrivateKeyTypes,
    period: tuple[datetime, datetime],
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(period[0])
        .not_valid_after(period[1])
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _subject(doctor: Doctor) -> x509.Name:
    given, family = doctor.common_name.split(" ", 1)
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "BG"),
            x509.NameAttribute(NameOID.COMMON_NAME, doctor.common_name),
            x509.NameAttribute(NameOID.GIVEN_NAME, given),
            x509.NameAttribute(NameOID.SURNAME, family),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, f"PNOBG-{doctor.egn}"),
        ]
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _key_usage(*allowed: str) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: name in allowed for name in names})
