"""The test certificates of one sandbox, as files: authority, server, and signers' keys (KEP) as PKCS#12.

Every person is invented: the identifiers are of births in 1800-1899 (month + 20), with right check digits.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509

from sandbox.authority import LOCAL_NAMES, Authority, Doctor
from sandbox.secret_files import write_secret

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

DOCTORS = (
    Doctor("dr-ivanova", "Измислена Иванова", "5523056031", "2300000011"),
    Doctor("dr-petrov", "Измислен Петров", "6131127022", "2300000022"),
    Doctor("dr-georgieva", "Измислена Георгиева", "7024198015", "2300000033"),
)
OUTSIDER = Doctor("outsider", "Измислен Външен", "4829059021", "2300000099")


@dataclass(frozen=True, slots=True)
class SignerFiles:
    """Where one signer's files are; the PKCS#12's password is the content of ``password_file``."""

    name: str
    uin: str
    certificate_file: Path
    pkcs12_file: Path
    password_file: Path

    def shown(self) -> dict[str, str]:
        """Return what a client needs of it, ready for JSON."""
        return {
            "name": self.name,
            "uin": self.uin,
            "pkcs12_file": str(self.pkcs12_file.resolve()),
            "password_file": str(self.password_file.resolve()),
        }


@dataclass(frozen=True, slots=True)
class Pki:
    """The files that one sandbox serves with."""

    directory: Path
    signers: tuple[SignerFiles, ...]

    @property
    def ca_file(self) -> Path:
        """The authority that clients must trust, and that issued every signer's certificate."""
        return self.directory / "ca.pem"

    @property
    def server_certificate_file(self) -> Path:
        """The server's certificate."""
        return self.directory / "server.pem"

    @property
    def server_key_file(self) -> Path:
        """The server's private key."""
        return self.directory / "server-key.pem"

    @property
    def outsider(self) -> SignerFiles:
        """A signer whose certificate an authority issued that the sandbox does not trust."""
        return _files(self.directory, OUTSIDER.name, OUTSIDER.uin)

    @classmethod
    def exists(cls, directory: Path) -> bool:
        """Whether the directory holds what `create` makes."""
        return (directory / "ca.pem").is_file() and (directory / "signers.json").is_file()

    @classmethod
    def at(cls, directory: Path) -> Pki:
        """Read what a directory holds, or make it there."""
        return cls.load(directory) if cls.exists(directory) else cls.create(directory)

    @classmethod
    def create(
        cls,
        directory: Path,
        doctors: Iterable[Doctor] = DOCTORS,
        *,
        server_names: Iterable[str] = (),
        authority: Authority | None = None,
    ) -> Pki:
        """Make server certificate, the doctors' keys and an outsider's; replaces older files.

        The server's certificate is for this machine, and for `server_names` (host names, IP addresses). ``authority``
        issues them; without it a new one does, whose key is not kept.
        """
        authority = authority or Authority.create("Herald sandbox test CA")
        (directory / "signers").mkdir(parents=True, exist_ok=True)
        (directory / "ca.pem").write_bytes(authority.pem())
        server = authority.issue_server((*LOCAL_NAMES, *server_names))
        (directory / "server.pem").write_bytes(server.certificate_pem())
        write_secret(directory / "server-key.pem", server.key_pem())
        signers = tuple(_write_signer(directory, authority, doctor) for doctor in doctors)
        _write_signer(directory, Authority.create("Herald sandbox untrusted CA"), OUTSIDER)
        _write_list(directory, signers)
        return cls(directory, signers)

    def server_names(self) -> frozenset[str]:
        """Return the host names and IP addresses that the server's certificate is for."""
        certificate = x509.load_pem_x509_certificate(self.server_certificate_file.read_bytes())
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return frozenset(str(name.value) for name in names)

    @classmethod
    def load(cls, directory: Path) -> Pki:
        """Read a directory that `create` made."""
        listed = json.loads((directory / "signers.json").read_text(encoding="utf-8"))
        return cls(directory, tuple(_files(directory, item["name"], item["uin"]) for item in listed))


def _files(directory: Path, name: str, uin: str) -> SignerFiles:
    base = directory / "signers"
    return SignerFiles(name, uin, base / f"{name}.pem", base / f"{name}.p12", base / f"{name}.password")


def _write_signer(directory: Path, authority: Authority, doctor: Doctor) -> SignerFiles:
    files = _files(directory, doctor.name, doctor.uin)
    credential = authority.issue_signer(doctor)
    password = secrets.token_urlsafe(18)
    files.certificate_file.write_bytes(credential.certificate_pem())
    write_secret(files.password_file, password)
    write_secret(files.pkcs12_file, credential.pkcs12(doctor.name, password, authority.certificate))
    return files


def _write_list(directory: Path, signers: Iterable[SignerFiles]) -> None:
    listed = [
        {"name": s.name, "uin": s.uin, "certificate": str(s.certificate_file.relative_to(directory))}
        for s in signers
    ]
    (directory / "signers.json").write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")
