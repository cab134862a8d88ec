"""Prune the journal: remove old bytes, keep identity and outcome permanently, so nothing is ever sent again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from worker.admin import retention_sql
from worker.admin.connection import connected

if TYPE_CHECKING:
    from datetime import datetime

    from worker.admin.retention_sql import Pruned
    from worker.journal.settings import JournalSettings


@dataclass(frozen=True, slots=True)
class Retention:
    """How long to keep what ended, in days. ``replies`` is not below ``evidence``, or making it raises ValueError."""

    evidence: int
    replies: int

    def __post_init__(self) -> None:
        if self.replies < self.evidence:
            raise ValueError("replies are kept as long as the evidence, or longer")


async def prune(journal: JournalSettings, retention: Retention, now: datetime) -> Pruned:
    """Remove older bytes. Workers may run meanwhile, and it may be stopped at any time. Raises ActFailed."""
    async with connected(journal, "retention") as connection:
        return await retention_sql.prune(connection, *_ends(retention, now))


async def preview_prune(journal: JournalSettings, retention: Retention, now: datetime) -> Pruned:
    """Count what would be removed. Raises ActFailed."""
    async with connected(journal, "retention") as connection:
        return await retention_sql.due(connection, *_ends(retention, now))


def _ends(retention: Retention, now: datetime) -> tuple[datetime, datetime]:
    return now - timedelta(days=retention.evidence), now - timedelta(days=retention.replies)
