"""The dependencies that a system is given when it is built: it opens no key file and reads no clock of its own."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.configuration_error import ConfigurationError
from worker.systems.ssev.opened import recognise_nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import datetime

    from worker.file_store import FileStore
    from worker.observability.metrics.labels import TokenOutcome
    from worker.signing.port import DigestSigners, DocumentSigners
    from worker.systems.esb.port import Esb
    from worker.systems.port import CodeLists
    from worker.systems.ssev.opened import Recognise


def no_esb(signers: Collection[str]) -> Esb:
    """Raise ConfigurationError: the settings have no ESB."""
    del signers
    raise ConfigurationError("it is reached through the state's ESB: add the section esb to the settings")


def no_address(file_id: str) -> str | None:
    """Return None: the settings have no signed addresses of files."""
    del file_id
    return None


@immutable
class Dependencies:
    """``keys`` and ``documents`` may lack some of the configured signers: then only those are blocked.

    ``unusable`` says of each of these what is wrong with it, as a plain sentence.
    """

    keys: DigestSigners
    documents: DocumentSigners
    code_lists: CodeLists
    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    unusable: Mapping[str, str] = field(default_factory=dict)
    files: FileStore | None = None
    """Where files are kept; None where the settings have no store."""
    address_of: Callable[[str], str | None] = no_address
    """Returns an address that fetches a stored file for a short time; None where the settings sign no addresses."""
    token_requested: Callable[[TokenOutcome], None] = lambda _: None
    """Called with the outcome of each request for a token."""
    opened: Recognise = recognise_nothing
    """Called with each message of eDelivery that was opened: what it returns is published as well."""
    esb: Callable[[Collection[str]], Esb] = no_esb
    """Makes the system's access to the state's ESB, for these signers. Raises ConfigurationError."""


def require_keys(dependencies: Dependencies, senders: Iterable[str]) -> None:
    """Raise ConfigurationError for all senders that only sign whole documents, where a system needs their keys."""
    without = [name for name in senders if name in dependencies.documents]
    if without:
        why = "an NCANode signer signs only whole SOAP documents; this system needs a key"
        raise ConfigurationError(*(f"senders.{name}: {why}" for name in without))
