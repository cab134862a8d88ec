"""Prune the journal: remove old bytes; identity and outcome stay longer, or for ever, so that nothing is sent again."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.admin import retention_sql
from worker.admin.connection import connected
from worker.admin.identity_sql import Forgetting
from worker.journal import evidence_days
from worker.journal.agreed_time import earlier_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from worker.admin.retention_sql import Pruned
    from worker.journal.settings import JournalSettings


@immutable
class Retention:
    """How long to keep what ended, in whole days (UTC); ``identities``: None for ever.

    Making one raises ValueError unless evidence, replies and identities are kept each as long as the one before.
    """

    evidence: int
    replies: int
    identities: int | None = None

    def __post_init__(self) -> None:
        if self.replies < self.evidence:
            raise ValueError("replies are kept as long as the evidence, or longer")
        if self.identities is not None and self.identities < self.replies:
            raise ValueError("identities are kept as long as the replies, or longer")

    def ends(self, now: datetime, systems: Iterable[str]) -> tuple[datetime, datetime, Forgetting | None]:
        """Return before when a submission must have ended: for its evidence, its reply, its identity to go.

        ``systems``: those whose submissions topics were asked how long they keep records; only theirs are forgotten.
        """
        today = datetime.combine(now.astimezone(UTC), time(), UTC)
        identities = None
        if self.identities is not None:
            identities = Forgetting(today - timedelta(days=self.identities), tuple(systems))
        return today - timedelta(days=self.evidence), today - timedelta(days=self.replies), identities


async def prune(
    journal: JournalSettings, retention: Retention, now: datetime, systems: Iterable[str]
) -> Pruned:
    """Remove older bytes. Workers may run meanwhile, and it may be stopped at any time. Raises ActFailed.

    The days to come get their partitions.
    """
    async with connected(journal, "retention") as connection:
        now = await earlier_time(connection, now)
        await evidence_days.prepare(connection, now.astimezone(UTC).date())
        return await retention_sql.prune(connection, *retention.ends(now, systems))


async def preview_prune(
    journal: JournalSettings, retention: Retention, now: datetime, systems: Iterable[str]
) -> Pruned:
    """Count what would be removed. Raises ActFailed."""
    async with connected(journal, "retention") as connection:
        now = await earlier_time(connection, now)
        return await retention_sql.due(connection, *retention.ends(now, systems))
