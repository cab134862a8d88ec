"""Makes signers whose keys are in tokens. Those of one token share its process."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from worker.configuration_error import ConfigurationError
from worker.signing.certificates import pem_certificates, unreadable_part
from worker.signing.pkcs11.lanes import Lanes
from worker.signing.pkcs11.link import COMMAND
from worker.signing.pkcs11.login import Logins
from worker.signing.pkcs11.open_token import TokenAddress
from worker.signing.pkcs11.signer import Pkcs11Signer
from worker.signing.pkcs11.token import Token

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from cryptography import x509

    from worker.signing.backend import Context
    from worker.signing.pkcs11.settings import Pkcs11Settings


@dataclass(slots=True)
class _Shared:
    token: Lanes
    users: set[object] = field(default_factory=set)
    """One mark for each signer that was made: a renewed signer has the name of the earlier one."""


class Tokens:
    """The tokens that signers use. ``command`` starts a signer process."""

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command = command
        self._shared: dict[TokenAddress, _Shared] = {}

    def make(self, name: str, settings: Pkcs11Settings, context: Context) -> Pkcs11Signer:
        """Make a signer; of the token nothing is asked yet. Raises ConfigurationError for files that are of no use."""
        if problems := list(_missing(settings)):
            raise ConfigurationError(*problems)
        certificates = _certificates(settings.certificate_file) if settings.certificate_file else ()
        address = TokenAddress(
            str(settings.module),
            settings.token,
            tuple(sorted(settings.environment.items())),
            settings.timeout,
            settings.processes,
        )
        if address not in self._shared:
            self._shared[address] = _Shared(self._lanes(address, context))
        shared = self._shared[address]
        mark = object()
        shared.users.add(mark)
        return Pkcs11Signer(
            name,
            settings,
            shared.token,
            certificates=certificates,
            memory=context.refused,
            clock=context.clock,
            release=partial(self._release, address, mark),
        )

    def _lanes(self, address: TokenAddress, context: Context) -> Lanes:
        logins = Logins(deadline=address.deadline)
        return Lanes(
            [
                Token(address, logins, monotonic=context.monotonic, command=self._command)
                for _ in range(address.processes)
            ]
        )

    def _release(self, address: TokenAddress, mark: object) -> Lanes | None:
        """Return the token if the signer was the last that used it."""
        shared = self._shared.get(address)
        if shared is None or mark not in shared.users:
            return None
        shared.users.remove(mark)
        return None if shared.users else self._shared.pop(address).token


def _missing(settings: Pkcs11Settings) -> Iterator[str]:
    for name in ("module", "pin_file", "certificate_file"):
        path = getattr(settings, name)
        if path is not None and not path.is_file():
            yield f"there is no {name} {path}"


def _certificates(path: Path) -> Sequence[x509.Certificate]:
    """Return the certificates of a file. Raises ConfigurationError where they are of no use."""
    try:
        found = pem_certificates(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"the certificate_file {path} cannot be read: {error.strerror}") from None
    except ValueError:
        raise ConfigurationError(
            f"the certificate_file {path} does not hold whole certificates in PEM"
        ) from None
    if problem := unreadable_part(found[0]):
        raise ConfigurationError(f"the certificate_file {path}: {problem}")
    return found
