"""Pulling code lists as the workers do it: one of them, when lists are due, and another one where that one is gone."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from worker.admin.pull_policy import pause_after
from worker.configuration_error import ConfigurationError
from worker.journal import code_lists
from worker.journal.connection import ReconnectingConnection
from worker.journal.errors import JournalUnavailable
from worker.journal.leadership import leads
from worker.observability.health import HealthWarning, Kind
from worker.observability.metrics.labels import PullOutcome

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence
    from random import Random

    import asyncpg

    from worker.admin.pull_policy import PullPolicy
    from worker.journal.settings import JournalSettings
    from worker.pipeline.ports import Clock
    from worker.systems.port import CodeList, Pulled

log = logging.getLogger(__name__)

LOCK = 0x48455241_4C4E
"""Any fixed number: of all workers on one database, the one whose session has this advisory lock pulls."""
LOOK_SECONDS = 60.0
"""Seconds between looks at the journal: who leads, and how old the lists are."""
STATEMENT_SECONDS = 60.0
"""Tens of thousands of codes are written in one statement; nobody waits for it."""
FAILURES_TOLD = 3
"""Failures in a row of which `/readyz` warns: about five minutes of them."""


class ScheduledPulls:
    """Keeps one system's lists fresh while this worker leads. An operator's own pull counts as one."""

    def __init__(
        self,
        system: str,
        policy: PullPolicy,
        settings: JournalSettings,
        clock: Clock,
        *,
        fetch: Callable[[Sequence[str]], Awaitable[Pulled]],
        held_back: Callable[[], str | None],
        random: Random,
        ended: Callable[[PullOutcome], None] = lambda _: None,
    ) -> None:
        """Connect nothing yet.

        ``fetch`` asks the system for lists, ``held_back`` says why it must not be asked now, and ``ended`` counts the
        pulls that were made.
        """
        self._system = system
        self._policy = policy
        self._clock = clock
        self._fetch = fetch
        self._held_back = held_back
        self._random = random
        self._ended = ended
        self._connection = ReconnectingConnection(
            settings, f"nomenclatures {system}", clock, statement_seconds=STATEMENT_SECONDS
        )
        self._spread = random.random()
        self._not_before = clock.monotonic()
        self._waits = False
        self.leads = False
        """Whether this worker led when it last looked."""
        self.failures = 0
        """Pulls in a row after which a list was missing."""
        self._problem = ""

    def warnings(self) -> Iterator[HealthWarning]:
        """Yield why lists are not fresh, after several failures."""
        if self.failures >= FAILURES_TOLD:
            yield HealthWarning(Kind.NOMENCLATURES, self._system, self._problem)

    async def run(self) -> None:
        """Pull until cancelled."""
        while True:
            await self.pull_if_due()
            await self._clock.sleep(LOOK_SECONDS)

    async def pull_if_due(self) -> None:
        """Pull once, where this worker leads and lists are due.

        Errors are logged: a task that ended would never pull again.
        """
        try:
            due = await self._connection.run(self._due)
        except JournalUnavailable:
            self.leads = False  # the connection has logged it; the lists stay in use
            return
        except Exception:
            log.exception("whether code lists are due is not known", extra={"system": self._system})
            return
        if not due or self._backs_off:
            return
        if self._may_ask():
            await self._pull(due)
        else:  # another worker's circuit may be closed
            await self.close()

    async def close(self) -> None:
        """End the session, so that another worker leads."""
        await self._connection.close()

    async def _due(self, connection: asyncpg.Connection) -> tuple[str, ...]:
        self.leads = await leads(connection, LOCK)
        fetched = await code_lists.fetched(connection, self._system) if self.leads else {}
        due = self._policy.due(fetched, self._clock.now(), self._spread) if self.leads else ()
        if not due:
            self.failures = 0  # another worker leads, or somebody has pulled meanwhile
        return due

    @property
    def _backs_off(self) -> bool:
        return self.failures > 0 and self._clock.monotonic() < self._not_before

    def _may_ask(self) -> bool:
        why = self._held_back()
        if why is not None and not self._waits:
            log.info(
                "code lists are due and wait for the system", extra={"system": self._system, "detail": why}
            )
        self._waits = why is not None
        return not self._waits

    async def _pull(self, due: tuple[str, ...]) -> None:
        try:
            pulled = await self._fetch(due)
            await self._connection.run(partial(self._keep, lists=pulled.lists))
        except (ConfigurationError, JournalUnavailable) as error:
            self._failed(PullOutcome.FAILED, str(error))
        except Exception:
            log.exception("code lists were not pulled", extra={"system": self._system})
            self._failed(PullOutcome.FAILED, "the pull failed; the log says why")
        else:
            self._pulled(due, pulled)

    async def _keep(self, connection: asyncpg.Connection, lists: Sequence[CodeList]) -> None:
        for code_list in lists:
            await code_lists.replace(connection, self._system, code_list)

    def _pulled(self, due: tuple[str, ...], pulled: Pulled) -> None:
        came = {one.id for one in pulled.lists}
        if came >= set(due):
            self.failures, self._spread = 0, self._random.random()
            self._ended(PullOutcome.PULLED)
            log.info("code lists were pulled", extra={"system": self._system, "count": len(came)})
        else:
            outcome = PullOutcome.INCOMPLETE if came else PullOutcome.FAILED
            self._failed(outcome, "; ".join(pulled.problems))

    def _failed(self, outcome: PullOutcome, why: str) -> None:
        self.failures += 1
        self._problem = f"code lists were not pulled, {self.failures} times in a row: {why}"
        pause = pause_after(self.failures, self._random)
        self._not_before = self._clock.monotonic() + pause
        self._ended(outcome)
        told = {"system": self._system, "outcome": outcome.value, "detail": why}
        log.warning(
            "code lists were not pulled; the earlier ones stay in use",
            extra=told | {"attempts": self.failures, "delay": round(pause)},
        )
