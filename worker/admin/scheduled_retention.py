"""Pruning as the workers do it: one of them, every so often, and another one where that one is gone.

That one also makes the partitions of the next days' evidence, whether or not anything is to be removed.
"""

from __future__ import annotations

import logging
from dataclasses import asdict, replace
from datetime import UTC
from typing import TYPE_CHECKING

from contracts.counted import counted
from worker.admin import retention_sql
from worker.admin.retention import Retention
from worker.journal import evidence_days
from worker.journal.agreed_time import earlier_time
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
    """Prunes every `every_hours` while this worker leads. Times are this process's clock's.

    Where the settings do not enable retention, nothing is removed, and days are made all the same.
    """

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
        self._removes = retention.enabled
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
            if self._removes:
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
        now = await earlier_time(connection, self._clock.now())
        unprepared = await evidence_days.prepare(connection, now.astimezone(UTC).date())
        problems = [unprepared, *(await self._prune(connection, now) if self._removes else ())]
        self.problem = "; ".join(problem for problem in problems if problem) or None

    async def _prune(self, connection: asyncpg.Connection, now: datetime) -> tuple[str | None, str | None]:
        """Remove what is due; say why something was not."""
        why_not_forget = await self._why_not(self._retention.identities)
        retention = replace(self._retention, identities=None) if why_not_forget else self._retention
        pruned = await retention_sql.prune(connection, *retention.ends(now, self._systems))
        self.removed = _sum(self.removed, pruned)
        self.pruned_at = self._clock.now()
        log.info("the journal was pruned", extra={"removed": asdict(pruned)})
        return why_not_forget, _postponed(pruned.postponed)

    async def _why_not(self, days: int | None) -> str | None:
        """Say why submissions may not be forgotten: a topic can bring them again."""
        why_not = None if days is None else await self._why_not_forget(days)
        if why_not is not None:
            log.warning("submissions are not forgotten", extra={"detail": why_not})
        return why_not


def _postponed(days: int) -> str | None:
    return (
        f"the evidence of {counted(days, 'day')} stays: another transaction uses its tables" if days else None
    )


def _sum(one: Pruned, other: Pruned) -> Pruned:
    counts = asdict(other)
    return retention_sql.Pruned(**{name: count + counts[name] for name, count in asdict(one).items()})
