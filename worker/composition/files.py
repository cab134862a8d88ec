"""The file store as the settings want it; nothing is connected."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.configuration_error import ConfigurationError
from worker.file_addresses import FileAddresses
from worker.files.building import build_file_store
from worker.files.collecting import FilesCollector
from worker.files.counts import FileCounts
from worker.inbound.files.clients import SIGNED, Clients
from worker.inbound.files.requests import Doors
from worker.inbound.files.serving import FileServing
from worker.inbound.rates import Rates
from worker.inbound.secrets import secrets_in
from worker.journal.errors import JournalFault
from worker.observability.health import HealthWarning, Kind
from worker.pipeline.saving import Saving
from worker.reloading.reloadable import Reloadable, in_thread
from worker.systems.dependencies import no_address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AsyncExitStack

    from worker.files.settings import SignedUrlSettings
    from worker.files.store import JournalFileStore
    from worker.inbound.settings import ReceiverSettings
    from worker.observability.health import HealthProbes
    from worker.observability.tasks import EndlessTasks
    from worker.pipeline.ports import Clock
    from worker.settings.model import Settings

_KEYS = "files.signed_urls.key_file"


@immutable
class BuiltFiles:
    """What a process does with files. ``addresses`` is None where no address is signed."""

    store: JournalFileStore
    addresses: FileAddresses | None
    reloadables: Sequence[Reloadable]
    collector: FilesCollector
    counts: FileCounts
    saving: Saving
    """Saves the parts of replies that are too large."""

    @property
    def address_of(self) -> Callable[[str], str | None]:
        """Return what signs an address of a file, for references that systems make."""
        return no_address if self.addresses is None else self.addresses.to_fetch

    def serving(self, receiver: ReceiverSettings) -> FileServing | None:
        """Return what serves files over HTTP; None where the receiver shall not."""
        served = receiver.files
        if served is None:
            return None
        rates = dict.fromkeys((*served.clients, SIGNED), served.requests_per_second)
        return FileServing(
            self.store,
            self.store.accesses,
            Doors(Clients(served.clients), self.addresses),
            Rates(rates, receiver.requests_per_second_per_peer),
            transfers=served.transfers,
            stall=served.stall_seconds,
            uploads=served.uploads,
            retry_after=receiver.retry_after_seconds,
            meter=self.counts,
        )

    def start(self, tasks: EndlessTasks, health: HealthProbes, stack: AsyncExitStack) -> None:
        """Remove what is over from now on. Needs the journal's tables."""
        health.add_warnings("file store", self._warnings)
        stack.push_async_callback(self.collector.close)
        tasks.start("file collector", self.collector.run())

    def _warnings(self) -> Iterator[HealthWarning]:
        if self.saving.waiting_for:
            told = f"replies wait until files can be saved: {self.saving.waiting_for}"
            yield HealthWarning(Kind.FILE_STORE, "files", told)
        if self.collector.problem:
            yield HealthWarning(Kind.FILE_STORE, "files", self.collector.problem)


def build_files(settings: Settings, clock: Clock) -> BuiltFiles | None:
    """Build the store; None where the settings have none. Raises ConfigurationError."""
    if settings.files is None:
        return None
    try:
        store = build_file_store(settings.files, settings.journal, clock)
    except JournalFault as fault:
        raise ConfigurationError(str(fault)) from None
    counts = FileCounts()
    collector = FilesCollector(settings.journal, store.backends, clock, settings.files.access_days, counts)
    signed = settings.files.signed_urls
    if signed is None:
        return BuiltFiles(store, None, (), collector, counts, Saving(store, clock, meter=counts))
    addresses = FileAddresses(_keys(signed), str(signed.base_url), signed.seconds, clock.now)
    reload = in_thread(lambda: partial(addresses.replace, _keys(signed)))
    reloadables = [Reloadable(_KEYS, (signed.key_file,), reload, "files")]
    saving = Saving(store, clock, addresses.to_fetch, counts)
    return BuiltFiles(store, addresses, reloadables, collector, counts, saving)


def _keys(signed: SignedUrlSettings) -> tuple[bytes, ...]:
    try:
        return secrets_in(signed.key_file)
    except ConfigurationError as bad:
        raise bad.under(_KEYS) from None
