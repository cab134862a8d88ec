"""What systems read from files besides keys, and how they use what has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from worker.configuration_error import ConfigurationError
from worker.reloading.reloadable import Reloadable, in_thread
from worker.signing.port import TlsKey
from worker.signing.taken import NotTaken

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from worker.reloading.reloadable import Apply
    from worker.signing.algorithms import SignatureAlgorithm
    from worker.signing.port import DigestSigner


@runtime_checkable
class Renews(Protocol):
    """What a System has besides, where what it uses may change while it runs."""

    def renewal(self, signer: str, key: DigestSigner) -> Apply:
        """Load what it needs of a signer's new certificate, in a thread. Raises ConfigurationError where it cannot.

        What is returned is called in the same moment in which the new signer takes the place of the earlier one.
        """

    def reloadables(self) -> Sequence[Reloadable]:
        """Return what else it reads from files: passwords, trusted certificates."""


def section(system: str) -> str:
    """Return the path of a system's section in the settings."""
    return f"systems.{system.replace('-', '_')}"


def ca_file(system: str, file: Path | None, trust: Callable[[], Apply]) -> list[Reloadable]:
    """Return how a system's CA file is loaded again, where it has one."""
    return ca_file_at(f"{section(system)}.transport.ca_file", system, file, trust)


def ca_file_at(subject: str, system: str, file: Path | None, trust: Callable[[], Apply]) -> list[Reloadable]:
    """Return how a CA file at any place in the settings is loaded again for a system."""
    return [] if file is None else [Reloadable(subject, (file,), in_thread(trust), system)]


def tls_key(signer: str, key: DigestSigner, taken: Collection[SignatureAlgorithm]) -> TlsKey:
    """Return the key for TLS. Raises ConfigurationError where the system takes no signatures of it, or TLS cannot."""
    require_taken(signer, key, taken)
    if not isinstance(key, TlsKey):
        raise ConfigurationError("its key cannot be used for TLS, which this system needs")
    return key


def require_taken(signer: str, key: DigestSigner, taken: Collection[SignatureAlgorithm]) -> None:
    """Raise ConfigurationError where the system does not take the algorithm of a new key."""
    if problem := NotTaken({signer: key}, taken).get(signer):
        raise ConfigurationError(problem)
