"""The check of the file store: a small object is written, read and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.admin.preflight.findings import Check, Finding, fail, ok, skipped
from worker.clock import SystemClock
from worker.configuration_error import ConfigurationError
from worker.file_store import FileStoreOutage, FileStoreRefused
from worker.files.building import build_file_store
from worker.journal.errors import JournalFault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from worker.files.settings import FilesSettings
    from worker.journal.settings import JournalSettings

_REFUSED = "Correct the settings files.s3, the access key or its policy."
_OUTAGE = "Check that the storage runs, its address, and files.s3.ca_file."


class FileChecks:
    """The check of the store that the settings describe."""

    def __init__(self, files: FilesSettings | None, journal: JournalSettings) -> None:
        self._files = files
        self._journal = journal

    def all(self) -> list[Check]:
        """Return the check: a worker without its store starts, and replies that are too large wait."""
        return [Check("files.store", self._store, vital=False)]

    async def _store(self) -> Iterable[Finding]:
        if self._files is None:
            return [skipped("there is no section files: what is too large for Kafka is left out of replies")]
        try:
            store = build_file_store(self._files, self._journal, SystemClock())
        except ConfigurationError as bad:
            return [fail("; ".join(bad.problems), _REFUSED)]
        except JournalFault as fault:
            return [fail(str(fault), "Correct journal.encryption.")]
        try:
            await store.probe()
        except FileStoreRefused as refusal:
            return [fail(str(refusal), _REFUSED)]
        except FileStoreOutage as outage:
            return [fail(str(outage), _OUTAGE)]
        finally:
            await store.close()
        return [ok(f"{self._files.backend.value}: written, read and deleted")]
