"""Publishes what is asked of RegiX and ePayments, through all outages of Kafka, and notes what is owed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from tests.chaos.egov.events import event, system_of
from tests.chaos.egov.installation import EgovInstallation
from tests.chaos.egov.plan import Ask, Kind
from tests.chaos.evidence import Sent
from tests.chaos.producer import Producer


class EgovPublisher:
    """Publishes through the run's producer, which keeps note of everything."""

    def __init__(self, installation: EgovInstallation, producer: Producer) -> None:
        self._installation = installation
        self._producer = producer

    async def publish(self, asks: Sequence[Ask]) -> None:
        """Publish each at its time; returns when Kafka has them all."""
        start = time.monotonic()
        for ask in asks:
            await asyncio.sleep(max(0.0, start + ask.at - time.monotonic()))
            await self._publish(ask.id, ask.kind, again=ask.again)

    async def more(self, kind: Kind, count: int) -> None:
        """Publish some beside the plan, now."""
        await self.named(kind, [self._producer.next_id(f"{kind}-m") for _ in range(count)])

    async def named(self, kind: Kind, names: Sequence[str]) -> None:
        """Publish one of each name, now."""
        for name in names:
            await self._publish(name, kind)

    async def _publish(self, name: str, kind: Kind, *, again: bool = False) -> None:
        system = system_of(kind)
        topic = self._installation.of(system).topics.submissions
        metadata = await self._producer.send(topic, event(name, kind))
        self._producer.sent.append(
            Sent(name, "", kind, metadata.partition, metadata.offset, again=again, system=system)
        )
