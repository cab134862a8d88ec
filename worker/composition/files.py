"""The file store as the settings want it; nothing is connected."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from worker.configuration_error import ConfigurationError
from worker.file_addresses import FileAddresses
from worker.files.building import build_file_store
from worker.inbound.secrets import secrets_in
from worker.journal.errors import JournalFault
from worker.pipeline.saving import Saving
from worker.reloading.reloadable import Reloadable, in_thread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.files.settings import SignedUrlSettings
    from worker.files.store import JournalFileStore
    from worker.pipeline.ports import Clock
    from worker.settings.model import Settings

_KEYS = "files.signed_urls.key_file"


@dataclass(frozen=True, slots=True)
class BuiltFiles:
    """What a process does with files. ``addresses`` is None where no address is signed."""

    store: JournalFileStore
    addresses: FileAddresses | None
    reloadables: Sequence[Reloadable]

    def saving(self, clock: Clock) -> Saving:
        """Return what saves the parts of replies that are too large."""
        return Saving(self.store, clock, self.addresses.to_fetch if self.addresses else lambda _: None)


def build_files(settings: Settings, clock: Clock) -> BuiltFiles | None:
    """Build the store; None where the settings have none. Raises ConfigurationError."""
    if settings.files is None:
        return None
    try:
        store = build_file_store(settings.files, settings.journal, clock)
    except JournalFault as fault:
        raise ConfigurationError(str(fault)) from None
    signed = settings.files.signed_urls
    if signed is None:
        return BuiltFiles(store, None, ())
    addresses = FileAddresses(_keys(signed), str(signed.base_url), signed.seconds, clock.now)
    reload = in_thread(lambda: partial(addresses.replace, _keys(signed)))
    return BuiltFiles(store, addresses, [Reloadable(_KEYS, (signed.key_file,), reload, "files")])


def _keys(signed: SignedUrlSettings) -> tuple[bytes, ...]:
    try:
        return secrets_in(signed.key_file)
    except ConfigurationError as bad:
        raise bad.under(_KEYS) from None
