"""The certificate that Herald shows to a provider, read from PEM files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from worker.configuration_error import ConfigurationError
from worker.secret_file import read_secret
from worker.signing.tls_identity import TlsIdentity

if TYPE_CHECKING:
    from pathlib import Path

    from worker.signing.remote.settings import ClientCertificate


def read_client_certificate(settings: ClientCertificate) -> TlsIdentity:
    """Return the certificates and the key. Raises ConfigurationError."""
    password = None
    if settings.key_password_file is not None:
        password = read_secret(settings.key_password_file, "file with the key's password").encode()
    certificates = _bytes_of(settings.certificate_file, "certificate file")
    path = settings.key_file
    try:
        key = load_pem_private_key(_bytes_of(path, "key file"), password)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ConfigurationError(
            f"the key file {path} cannot be opened: it is not PEM, or its password is wrong or missing"
        ) from None
    if not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey):
        raise ConfigurationError(f"the key file {path} holds neither an RSA nor an elliptic curve key")
    return TlsIdentity(certificates, key)


def _bytes_of(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"the {what} {path} cannot be read: {error.strerror}") from None
