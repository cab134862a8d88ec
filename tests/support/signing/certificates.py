"""Certificate authorities, certificates and PKCS#12 files for tests, made on the spot."""

from __future__ import annotations

import fcntl
import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import NameOID

NOW = datetime.now(UTC).replace(microsecond=0)
YEAR = timedelta(days=365)
KEYS = Path(__file__).resolve().parents[3] / ".cache" / "test-keys"


@cache
def rsa_key(label: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """One key a label, kept for all processes and runs of a checkout: making them is the slow part.

    Every process of a run collects all tests, and with them what their modules make.
    """
    path = KEYS / f"{hashlib.sha256(label.encode()).hexdigest()[:32]}-{bits}.pem"
    if not path.exists():
        _make(path, bits)
    key = load_pem_private_key(path.read_bytes(), None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def _make(path: Path, bits: int) -> None:
    """Write a new key, unless another process has."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (path.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if path.exists():
            return
        key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
        new = path.with_suffix(".new")
        new.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        new.replace(path)  # whole or not at all, also where this process is killed


@dataclass(frozen=True)
class Issued:
    """A certificate with its key and the certificates above it."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey
    issuers: tuple[x509.Certificate, ...] = ()

    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def pkcs12(self, password: str) -> bytes:
        encryption = BestAvailableEncryption(password.encode())
        return pkcs12.serialize_key_and_certificates(
            b"test", self.key, self.certificate, list(self.issuers), encryption
        )


def key_usage(
    *, digital_signature: bool = False, content_commitment: bool = False, key_cert_sign: bool = False
):
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_encipherment=not (digital_signature or content_commitment or key_cert_sign),
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=key_cert_sign,
        encipher_only=False,
        decipher_only=False,
    )


def issue(
    name: str,
    *,
    issuer: Issued | None = None,
    key: rsa.RSAPrivateKey | None = None,
    authority: bool = False,
    usage: x509.KeyUsage | None = None,
    hosts: tuple[str, ...] = (),
    start: datetime = NOW - YEAR,
    end: datetime = NOW + YEAR,
    subject_serial: str | None = None,
) -> Issued:
    """Issue a certificate; without an issuer it signs itself. ``subject_serial``: a person's number in the subject."""
    key = key or rsa_key(name)
    names = {NameOID.COMMON_NAME: name, NameOID.SERIAL_NUMBER: subject_serial}
    subject = x509.Name([x509.NameAttribute(oid, value) for oid, value in names.items() if value])
    signing_key = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False
        )
    )
    if usage := usage or (key_usage(key_cert_sign=True) if authority else None):
        builder = builder.add_extension(usage, critical=True)
    if hosts:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([_name(h) for h in hosts]), critical=False
        )
    certificate = builder.sign(signing_key, SHA256())
    issuers = (issuer.certificate, *issuer.issuers) if issuer else ()
    return Issued(certificate, key, issuers)


def certificate_builder(name: str, key: CertificatePublicKeyTypes) -> x509.CertificateBuilder:
    """Return what a certificate of any kind of key can be made from, to be extended and signed."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - YEAR)
        .not_valid_after(NOW + YEAR)
    )


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
