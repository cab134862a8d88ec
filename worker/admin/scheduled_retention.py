"""Pruning as the workers do it: one of them, every so often, and another one where that one is gone."""

from __future__ import annotations

import logging
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from worker.admin import retention_sql
from worker.admin.retention import Retention
from worker.journal.connection import ReconnectingConnection
from worker.journal.errors import JournalUnavailable
from worker.journal.leadership import leads

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection
    from datetime import datetime

    import asyncpg

    from worker.admin.retention_sql import Pruned
    from worker.journal.settings import JournalSettings
    from worker.pipeline.ports import Clock

log = logging.getLogger(__name__)

_LOCK = 0x48455241_4C46
"""Any fixed number: of all workers on one database, the one whose session has this advisory lock prunes."""
STATEMENT_SECONDS = 60.0
"""A batch of old rows is read from disk; nobody waits for it."""


class ScheduledRetention:
    """Prunes every `every_hours` while this worker leads. Times are this process's clock's."""

    def __init__(
        self,
        settings: JournalSettings,
        clock: Clock,
        why_not_forget: Callable[[int], Awaitable[str | None]],
        systems: Collection[str],
    ) -> None:
        """``why_not_forget`` says why submissions of these systems may not be forgotten after so many days, or None."""
        retention = settings.retention
        self._retention = Retention(
            retention.evidence_days, retention.replies, retention.identity_days or None
        )
        self._pause = retention.every_hours * 3600
        self._clock = clock
        self._why_not_forget = why_not_forget
        self._systems = systems
        self._connection = ReconnectingConnection(
            settings, "retention", clock, statement_seconds=STATEMENT_SECONDS
        )
        self.leads = False
        """Whether this worker pruned when it last looked."""
        self.removed = retention_sql.Pruned()
        """What this process has removed so far."""
        self.pruned_at: datetime | None = None
        """When this process last pruned without an error."""
        self.problem: str | None = None
        """Why something that is due was not removed when it was last tried."""

    async def run(self) -> None:
        """Prune until cancelled."""
        while True:
            await self.prune_if_leading()
            await self._clock.sleep(self._pause)

    async def prune_if_leading(self) -> None:
        """Prune once, where no other worker does. Errors are logged: a task that ended would never prune again."""
        try:
            await self._connection.run(self._work)
        except JournalUnavailable as error:
            self.leads = False
            self.problem = f"the journal is unavailable: {error}"
        except Exception:
            self.problem = "pruning failed; the log says why"
            log.exception("the journal was not pruned")

    async def close(self) -> None:
        """End the session, so that another worker leads."""
        await self._connection.close()

    async def _work(self, connection: asyncpg.Connection) -> None:
        self.leads = await leads(connection, _LOCK)
        if not self.leads:
            self.problem = None
            return
        retention = await self._allowed()
        pruned = await retention_sql.prune(connection, *retention.ends(self._clock.now(), self._systems))
        self.removed = _sum(self.removed, pruned)
        self.pruned_at = self._clock.now()
        log.info("the journal was pruned", extra={"removed": asdict(pruned)})

    async def _allowed(self) -> Retention:
        """Return what may be removed: identities only while no topic can bring them again."""
        days = self._retention.identities
        self.problem = None if days is None else await self._why_not_forget(days)
        if self.problem is None:
            return self._retention
        log.warning("submissions are not forgotten", extra={"detail": self.problem})
        return replace(self._retention, identities=None)


def _sum(one: Pruned, other: Pruned) -> Pruned:
    counts = asdict(other)
    return retention_sql.Pruned(**{name: count + counts[name] for name, count in asdict(one).items()})
