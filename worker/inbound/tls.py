"""The receiver's certificate: loaded at the start, and again when its files change."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from worker.configuration_error import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

    from worker.inbound.settings import ReceiverTls


def server_context(settings: ReceiverTls) -> ssl.SSLContext:
    """Make a context for TLS 1.2 or newer. Raises ConfigurationError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    load(context, settings)
    return context


def load(context: ssl.SSLContext, settings: ReceiverTls) -> None:
    """Let new connections of a context use what the files hold now. Raises ConfigurationError."""
    try:
        context.load_cert_chain(settings.cert_file, settings.key_file, password=_no_password)
    except ssl.SSLError as error:
        reason = str(error.reason or "unknown").lower().replace("_", " ")
        raise ConfigurationError(
            f"receiver.tls: {settings.cert_file} and {settings.key_file} are no certificate and its key"
            f" without a password ({reason})"
        ) from None
    except OSError as error:
        raise ConfigurationError(f"receiver.tls: its files cannot be read: {error.strerror}") from None
    if settings.client_ca_file is not None:
        _load_authorities(context, settings.client_ca_file)


def _load_authorities(context: ssl.SSLContext, file: Path) -> None:
    """Ask callers for a certificate, which must be of one of these; they need not show one."""
    try:
        context.load_verify_locations(cafile=file)
    except ssl.SSLError:
        raise ConfigurationError(
            f"receiver.tls.client_ca_file: {file} holds no certificates in PEM"
        ) from None
    except OSError as error:
        raise ConfigurationError(f"receiver.tls.client_ca_file cannot be read: {error.strerror}") from None
    context.verify_mode = ssl.CERT_OPTIONAL


def check(settings: ReceiverTls) -> None:
    """Load the files into a context of their own, so that broken ones replace nothing. Raises ConfigurationError."""
    server_context(settings)


def _no_password() -> str:
    """Refuse an encrypted key, for which OpenSSL would ask at a terminal."""
    return ""
