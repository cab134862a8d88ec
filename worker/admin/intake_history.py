"""What became of stops and losses: when each ended, and who ended it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.admin import audit_log
from worker.admin.connection import connected
from worker.admin.intake import ACKNOWLEDGED, RESUMED, STOPPED
from worker.journal.intake_stops import LIFTED

if TYPE_CHECKING:
    from worker.admin.audit_log import AuditEntry
    from worker.journal.settings import JournalSettings

ACTS = (STOPPED, RESUMED, LIFTED, ACKNOWLEDGED)


async def intake_history(journal: JournalSettings, limit: int) -> list[AuditEntry]:
    """Return what people and workers did to stops and losses, the newest first. Raises ActFailed."""
    async with connected(journal, "intake") as connection:
        return await audit_log.newest_of(connection, ACTS, limit)
