"""The clients' certificates as files; they have an authority apart from the server's."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from sandbox.authority import Authority
from sandbox.esb.clients import FIRST
from sandbox.secret_files import write_secret

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sandbox.esb.clients import EsbClient


@dataclass(frozen=True, slots=True)
class ClientFiles:
    """Where a client's certificate is: as PEM with its key, and as PKCS#12 whose password is in a file."""

    client: EsbClient
    certificate_file: Path
    key_file: Path
    pkcs12_file: Path
    password_file: Path

    @property
    def der(self) -> bytes:
        """The certificate in DER."""
        read = x509.load_pem_x509_certificate(self.certificate_file.read_bytes())
        return read.public_bytes(Encoding.DER)

    def shown(self) -> dict[str, object]:
        """Return what a client needs of it, ready for JSON."""
        files = {
            name: str(getattr(self, name).resolve())
            for name in ("certificate_file", "key_file", "pkcs12_file", "password_file")
        }
        client = self.client
        return {
            "name": client.name,
            "client_id": client.client_id,
            "oid": client.oid,
            "scopes": list(client.scopes),
            **files,
        }


@dataclass(frozen=True, slots=True)
class Credentials:
    """Everything that one directory holds for the ESB."""

    directory: Path

    @classmethod
    def at(cls, directory: Path) -> Credentials:
        """Read what the directory holds, or make it there."""
        made = cls(directory / "esb")
        if not made.authority_file.is_file():
            made.create()
        return made

    @property
    def authority_file(self) -> Path:
        """The authority of the clients' certificates."""
        return self.directory / "ca.pem"

    def clients(self) -> Mapping[str, ClientFiles]:
        """Return the clients' files by name."""
        return {client.name: self._files(client) for client in FIRST}

    def create(self) -> None:
        """Issue all certificates, and write them; replaces older files."""
        self.directory.mkdir(parents=True, exist_ok=True)
        authority = Authority.create("Herald sandbox: CA of the ESB's clients")
        for client in FIRST:
            credential = authority.issue_seal(client.subject())
            files = self._files(client)
            files.certificate_file.write_bytes(credential.certificate_pem())
            write_secret(files.key_file, credential.key_pem())
            password = secrets.token_urlsafe(18)
            write_secret(files.password_file, password)
            write_secret(files.pkcs12_file, credential.pkcs12(client.name, password, authority.certificate))
        self.authority_file.write_bytes(authority.pem())

    def _files(self, client: EsbClient) -> ClientFiles:
        base, name = self.directory, client.name
        return ClientFiles(
            client,
            base / f"{name}.pem",
            base / f"{name}-key.pem",
            base / f"{name}.p12",
            base / f"{name}.password",
        )
