"""Building the RegiX package from its settings: what the composition root calls."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from cryptography import x509

from worker.configuration_error import ConfigurationError
from worker.secret_file import read_secret
from worker.signing.taken import NotTaken
from worker.systems.clients import SignerClients, without_tls
from worker.systems.dependencies import require_keys
from worker.systems.regix.argument_checks import ArgumentChecks
from worker.systems.regix.arguments import load_own_schemas, load_shapes
from worker.systems.regix.catalogue import catalogue
from worker.systems.regix.messages import Messages
from worker.systems.regix.operations import OPERATIONS
from worker.systems.regix.signature import SignatureRules
from worker.systems.regix.system import RegixSystem
from worker.systems.unusable import Unusable
from worker.transport.clients import HttpClients

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from worker.signing.port import TlsKey
    from worker.systems.dependencies import Dependencies
    from worker.systems.port import Operation
    from worker.systems.regix.settings import RegixSettings

_SEGMENT = re.compile(r"[A-Za-z0-9_-]{32,200}")
_PEM = b"-----BEGIN CERTIFICATE-----"


def build(settings: RegixSettings, dependencies: Dependencies) -> RegixSystem:
    """Make the system; opens no connection yet.

    Raises ConfigurationError (CA file, schemas, trusted certificates, senders without keys, keys that cannot be TLS
    certificates).
    """
    require_keys(dependencies, settings.senders)
    if unfit := without_tls(dependencies.keys, settings.senders):
        raise ConfigurationError(f"senders need keys that TLS can use; unusable: {', '.join(unfit)}")
    known = catalogue(settings.operations)
    own = load_own_schemas(settings.argument_schemas, known)
    trusted = _trusted(settings.signatures.trusted_certificates)
    fit = {
        name: cast("TlsKey", dependencies.keys[name])
        for name in settings.senders
        if name in dependencies.keys
    }
    clients = SignerClients(HttpClients(settings.transport), fit)
    return RegixSystem(
        settings,
        catalogue=known,
        shapes=load_shapes(known.values()),
        messages=Messages(),
        checks=ArgumentChecks(own),
        signatures=SignatureRules(trusted, settings.signatures.accept_sha1),
        callback_url=_callback(settings),
        keys=dependencies.keys,
        clients=clients,
        now=dependencies.now,
        unusable=Unusable(
            dependencies.unusable,
            clients.problems,
            NotTaken(dependencies.keys, settings.signature_algorithms),
        ),
    )


def operations(settings: RegixSettings) -> list[Operation]:
    """Return the operation with the most careful of its reports' recovery rules."""
    del settings
    return list(OPERATIONS)


def _callback(settings: RegixSettings) -> str | None:
    """Return the address that RegiX is sent. Raises ConfigurationError."""
    if settings.callback_url is None or settings.callback_secret_file is None:
        return None
    secret = read_secret(settings.callback_secret_file, "callback_secret_file")
    if not _SEGMENT.fullmatch(secret):
        raise ConfigurationError(
            f"callback_secret_file: the file {settings.callback_secret_file} must hold 32 to 200 letters a-z, digits, "
            "- and _: the same as a line of the receiver's secret_file"
        )
    return f"{str(settings.callback_url).rstrip('/')}/{secret}"


def _trusted(files: Iterable[Path]) -> tuple[x509.Certificate, ...]:
    return tuple(certificate for file in files for certificate in _certificates(file))


def _certificates(file: Path) -> list[x509.Certificate]:
    path = "signatures.trusted_certificates"
    try:
        content = file.read_bytes()
        if _PEM in content:
            return x509.load_pem_x509_certificates(content)
        return [x509.load_der_x509_certificate(content)]
    except OSError as error:
        raise ConfigurationError(f"{path}: the file {file} cannot be read: {error.strerror}") from None
    except ValueError:
        raise ConfigurationError(f"{path}: the file {file} is not a certificate in PEM or DER") from None
