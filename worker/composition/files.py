"""The file store as the settings want it; nothing is connected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.configuration_error import ConfigurationError
from worker.files.building import build_file_store
from worker.journal.errors import JournalFault

if TYPE_CHECKING:
    from worker.files.store import JournalFileStore
    from worker.pipeline.ports import Clock
    from worker.settings.model import Settings


def build_files(settings: Settings, clock: Clock) -> JournalFileStore | None:
    """Build the store; None where the settings have none. Raises ConfigurationError."""
    if settings.files is None:
        return None
    try:
        return build_file_store(settings.files, settings.journal, clock)
    except JournalFault as fault:
        raise ConfigurationError(str(fault)) from None
