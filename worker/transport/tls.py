"""TLS contexts: the certificate authorities that are trusted, and the client certificate."""

from __future__ import annotations

import secrets
import ssl
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Protocol

from worker.configuration_error import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path


class TlsIdentity(Protocol):
    """A certificate with its key for TLS; worker.signing.keys.tls_identity.TlsIdentity is one."""

    @property
    def certificates(self) -> bytes:
        """PEM, the leaf first."""

    def encrypted_key(self, password: bytes) -> bytes:
        """Return the private key as PEM, encrypted with `password`."""


def client_context(ca_file: Path | None, identity: TlsIdentity | None = None) -> ssl.SSLContext:
    """Make a context for TLS 1.2 or newer that trusts the system's CAs, or only those of `ca_file`.

    Raises ConfigurationError where `ca_file` cannot be read or holds no certificate.
    """
    context = _trusting(ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if identity is not None:
        _load(context, identity)
    return context


def _trusting(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError:
        raise ConfigurationError(f"the CA file {ca_file} holds no PEM certificate that can be read") from None
    except OSError as error:
        raise ConfigurationError(f"the CA file {ca_file} cannot be read: {error.strerror}") from None


def _load(context: ssl.SSLContext, identity: TlsIdentity) -> None:
    # The ssl module reads keys from files alone. This one only we can read, it lives for milliseconds, and its
    # key is encrypted with a password that exists only here: what a crash or a snapshot keeps of it is useless.
    password = secrets.token_bytes(32).hex().encode()
    with NamedTemporaryFile(suffix=".pem") as file:
        file.write(identity.certificates + identity.encrypted_key(password))
        file.flush()
        context.load_cert_chain(file.name, password=password)
