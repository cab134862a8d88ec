"""TLS contexts: the certificate authorities that are trusted, and the client certificate."""

from __future__ import annotations

import os
import secrets
import ssl
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, TYPE_CHECKING, Protocol

from worker.configuration_error import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

_DESCRIPTORS = Path("/proc/self/fd")


class TlsIdentity(Protocol):
    """A certificate with its key for TLS; worker.signing.tls_identity.TlsIdentity is one."""

    @property
    def certificates(self) -> bytes:
        """PEM, the leaf first."""

    def encrypted_key(self, password: bytes) -> bytes:
        """Return the private key as PEM, encrypted with `password`."""


def client_context(ca_file: Path | None, identity: TlsIdentity | None = None) -> ssl.SSLContext:
    """Make a context for TLS 1.2 or newer that trusts the system's CAs, or only those of `ca_file`.

    Raises ConfigurationError where `ca_file` cannot be read or holds no certificate, and where OpenSSL does not take
    the identity's certificates or key.
    """
    context = _trusting(ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if identity is not None:
        _load(context, identity)
        # Some servers ask for the certificate only when they have read what the request is for (RFC 8446, 4.6.2).
        context.post_handshake_auth = True
    return context


def _trusting(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError:
        raise ConfigurationError(f"the CA file {ca_file} holds no PEM certificate that can be read") from None
    except OSError as error:
        raise ConfigurationError(f"the CA file {ca_file} cannot be read: {error.strerror}") from None


def _load(context: ssl.SSLContext, identity: TlsIdentity) -> None:
    # The ssl module reads keys from files alone, so it gets one, whose key is encrypted with a password that exists
    # only here: what a crash or a snapshot keeps of it is useless.
    password = secrets.token_bytes(32).hex().encode()
    with _readable(identity.certificates + identity.encrypted_key(password)) as name:
        try:
            context.load_cert_chain(name, password=password)
        except ssl.SSLError as error:
            reason = str(getattr(error, "reason", None) or "unknown").lower()
            raise ConfigurationError(f"TLS does not take its certificates or its key ({reason})") from None


def where_keys_pass() -> str:
    """Return the folder through which keys go to the TLS library, or that they go through memory.

    Raises ConfigurationError where neither can be used.
    """
    with _readable(b"x") as name:
        return "memory" if name.startswith(str(_DESCRIPTORS)) else str(Path(name).parent)


@contextmanager
def _readable(content: bytes) -> Iterator[str]:
    """Give the content a file's name for a moment. Raises ConfigurationError where no file can be made."""
    try:
        with _in_memory() or NamedTemporaryFile(suffix=".pem") as file:
            file.write(content)
            file.flush()
            yield file.name if isinstance(file.name, str) else f"{_DESCRIPTORS}/{file.name}"
    except OSError as error:
        raise ConfigurationError(
            f"TLS reads a key from a file alone, and no temporary one can be made ({error.strerror}); mount a writable "
            "folder and name it in TMPDIR"
        ) from None


def _in_memory() -> IO[bytes] | None:
    """Return a file that needs no writable folder and never touches a disk; None where the system has none."""
    if not _DESCRIPTORS.is_dir():
        return None
    try:
        descriptor = os.memfd_create("herald-tls-identity")
    except (AttributeError, OSError):
        return None
    os.fchmod(descriptor, 0o600)
    return os.fdopen(descriptor, "wb")
