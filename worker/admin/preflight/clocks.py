"""Checks of other clocks against this machine's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiokafka.errors import KafkaError

from worker.admin.preflight import clock_policy
from worker.admin.preflight.findings import Check, Finding, NotAsked
from worker.kafka.errors import sentence
from worker.kafka.record_times import stamped_after

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from worker.admin.preflight.journal import JournalChecks
    from worker.admin.preflight.kafka import KafkaChecks
    from worker.kafka.settings import KafkaSettings


class ClockChecks:
    """The checks of Kafka's clock and the journal's, by what the other checks asked for."""

    def __init__(
        self, settings: KafkaSettings, kafka: KafkaChecks, journal: JournalChecks, now: Callable[[], datetime]
    ) -> None:
        self._settings = settings
        self._kafka = kafka
        self._journal = journal
        self._now = now

    def all(self) -> list[Check]:
        """Return the checks, in the order of the table."""
        return [Check("clocks.kafka", self._records), Check("clocks.journal", self._server)]

    async def _records(self) -> Iterable[Finding]:
        there = {one.name: one.found.partitions for one in await self._kafka.topics() if one.there}
        if not there:
            raise NotAsked("no topic exists")
        now = self._now()
        try:
            ahead = await stamped_after(self._settings, there, now + clock_policy.TOLERATED)
        except (KafkaError, OSError) as error:
            raise NotAsked(f"not asked: {sentence(error)}") from None
        return clock_policy.of_records(ahead, len(there), now)

    async def _server(self) -> Iterable[Finding]:
        clock = await self._journal.clock()
        difference = clock_policy.skew(clock.server, clock.before, clock.after)
        return [clock_policy.judged(difference, "the server's clock")]
