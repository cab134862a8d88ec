"""The keys of RegiX's own and of the consumers, as files; both have an authority apart from the server's."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from sandbox.authority import Authority, Credential
from sandbox.regix.consumers import FIRST, thumbprint_of
from sandbox.secret_files import write_secret

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

AUTHORITY = "ca.pem"
_SIGNING = ("signing", "stranger")


@dataclass(frozen=True, slots=True)
class ConsumerFiles:
    """Where a consumer's certificate is: as PEM with its key, and as PKCS#12 whose password is in a file."""

    name: str
    certificate_file: Path
    key_file: Path
    pkcs12_file: Path
    password_file: Path

    @property
    def der(self) -> bytes:
        """The certificate in DER."""
        read = x509.load_pem_x509_certificate(self.certificate_file.read_bytes())
        return read.public_bytes(Encoding.DER)

    @property
    def thumbprint(self) -> str:
        """What RegiX knows it by."""
        return thumbprint_of(self.der)

    def shown(self) -> dict[str, str]:
        """Return what a client needs of it, ready for JSON."""
        files = {
            name: str(getattr(self, name).resolve())
            for name in ("certificate_file", "key_file", "pkcs12_file", "password_file")
        }
        return {"name": self.name, "thumbprint": self.thumbprint, **files}


@dataclass(frozen=True, slots=True)
class Credentials:
    """Everything that one directory holds for RegiX."""

    directory: Path

    @classmethod
    def at(cls, directory: Path) -> Credentials:
        """Read what the directory holds, or make it there."""
        made = cls(directory / "regix")
        if not made.authority_file.is_file():
            made.create()
        return made

    @property
    def authority_file(self) -> Path:
        """The authority of the consumers' certificates and of RegiX's signature."""
        return self.directory / AUTHORITY

    @property
    def signing_certificate_file(self) -> Path:
        """The certificate of RegiX's signature."""
        return self.directory / "signing.pem"

    def consumers(self) -> Mapping[str, ConsumerFiles]:
        """Return the consumers' files by name."""
        return {name: _files(self.directory, name) for name in FIRST}

    def signer(self, *, stranger: bool = False) -> Credential:
        """Return what RegiX signs with, or a key of an authority that nobody trusts."""
        name = _SIGNING[stranger]
        key = serialization.load_pem_private_key(
            (self.directory / f"{name}-key.pem").read_bytes(), password=None
        )
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError(f"{self.directory}/{name}-key.pem is no RSA key")
        certificate = (self.directory / f"{name}.pem").read_bytes()
        return Credential(key, x509.load_pem_x509_certificate(certificate))

    def create(self) -> None:
        """Issue all certificates, and write them; replaces older files."""
        self.directory.mkdir(parents=True, exist_ok=True)
        authority = Authority.create("Herald sandbox: CA of RegiX")
        for name, issuer in zip(
            _SIGNING, (authority, Authority.create("Herald sandbox: untrusted CA")), strict=True
        ):
            _write(self.directory, name, issuer.issue_seal(_subject(f"Herald sandbox: RegiX {name}")))
        for name in FIRST:
            credential = authority.issue_seal(_subject(f"Herald sandbox: {name}"))
            _write(self.directory, name, credential)
            password = secrets.token_urlsafe(18)
            files = _files(self.directory, name)
            write_secret(files.password_file, password)
            write_secret(files.pkcs12_file, credential.pkcs12(name, password, authority.certificate))
        self.authority_file.write_bytes(authority.pem())


def _files(directory: Path, name: str) -> ConsumerFiles:
    return ConsumerFiles(
        name,
        directory / f"{name}.pem",
        directory / f"{name}-key.pem",
        directory / f"{name}.p12",
        directory / f"{name}.password",
    )


def _write(directory: Path, name: str, credential: Credential) -> None:
    (directory / f"{name}.pem").write_bytes(credential.certificate_pem())
    write_secret(directory / f"{name}-key.pem", credential.key_pem())


def _subject(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "BG"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Измислена организация"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )
