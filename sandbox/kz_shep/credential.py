"""The gateway's own key as files: its certificate is what a client pins, to hold the answers against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from sandbox.authority import Credential
from sandbox.secret_files import write_secret

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.authority import Authority

SUBJECT = x509.Name(
    [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "KZ"),
        x509.NameAttribute(NameOID.COMMON_NAME, "Herald sandbox: ШЭП"),
    ]
)
CERTIFICATE = "shep.pem"
KEY = "shep-key.pem"


def create(directory: Path, authority: Authority) -> Credential:
    """Issue the gateway's key and certificate, and write both; replaces older files."""
    credential = authority.issue_seal(SUBJECT)
    (directory / CERTIFICATE).write_bytes(credential.certificate_pem())
    write_secret(directory / KEY, credential.key_pem())
    return credential


def load(directory: Path) -> Credential:
    """Read what `create` wrote. Raises OSError, ValueError or TypeError."""
    key = serialization.load_pem_private_key((directory / KEY).read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"{directory / KEY} is no RSA key")
    return Credential(key, x509.load_pem_x509_certificate((directory / CERTIFICATE).read_bytes()))
