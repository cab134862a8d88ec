"""The store as the settings want it. Nothing is connected yet."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from worker.files.connections import FileConnections
from worker.files.postgres_contents import PostgresContents
from worker.files.s3_contents import S3Contents
from worker.files.settings import Backend
from worker.files.store import JournalFileStore, Terms
from worker.journal.connection import read_vault

if TYPE_CHECKING:
    from worker.files.contents import Contents
    from worker.files.settings import FilesSettings
    from worker.journal.settings import JournalSettings
    from worker.pipeline.ports import Clock


def build_file_store(files: FilesSettings, journal: JournalSettings, clock: Clock) -> JournalFileStore:
    """Build it. Raises ConfigurationError, JournalFault where the journal's keys cannot be read."""
    connections = FileConnections(journal, clock)
    backends: list[Contents] = [PostgresContents(connections)]
    if files.s3 is not None:
        backends.insert(0 if files.backend is Backend.S3 else 1, S3Contents(files.s3))
    return JournalFileStore(
        connections,
        {one.backend: one for one in backends},
        read_vault(journal),
        terms_of(files, journal),
        clock.now,
    )


def terms_of(files: FilesSettings, journal: JournalSettings) -> Terms:
    """Return the store's terms."""
    days = journal.retention.evidence_days if files.keep_days is None else files.keep_days
    return Terms(
        max_bytes=int(files.max_file_bytes),
        keep=timedelta(days=days),
        keep_uploads=timedelta(days=files.upload_days),
        transfers=files.transfers,
    )
