"""What this worker prunes of the journal by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.observability.metrics import declared
from worker.observability.metrics.labels import Pruned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from worker.admin.scheduled_retention import ScheduledRetention
    from worker.observability.metrics.readings import Reading


class RetentionReadings:
    """Reads the scheduled retention."""

    def __init__(self, retention: ScheduledRetention) -> None:
        self._retention = retention

    def __call__(self) -> Iterator[Reading]:
        """Give the readings."""
        removed = self._retention.removed
        rows = {
            Pruned.EVIDENCE: removed.evidence,
            Pruned.REPLIES: removed.replies,
            Pruned.DEAD_LETTERS: removed.dead_letters,
            Pruned.IDENTITIES: removed.identities,
            Pruned.NOTIFICATIONS: removed.notifications,
            Pruned.FILES: removed.files,
        }
        for what, count in rows.items():
            yield declared.PRUNED, (what.value,), count
        if self._retention.pruned_at is not None:
            yield declared.PRUNE_SUCCESS, (), self._retention.pruned_at.timestamp()
