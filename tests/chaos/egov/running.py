"""RegiX, ePayments and the receivers in a run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.chaos.control import ask
from tests.chaos.egov.balancer import Balancer
from tests.chaos.egov.collect import claims_now, open_ends
from tests.chaos.egov.evidence import SEEDED
from tests.chaos.egov.installation import EgovInstallation
from tests.chaos.egov.payer import Payer
from tests.chaos.egov.plan import Ask, Kind
from tests.chaos.egov.publisher import EgovPublisher
from tests.chaos.producer import Producer
from tests.chaos.readers import Watch
from tests.chaos.workers import WorkerProcess, Workers

RECEIVERS = 2
AT_ONCE = 2
ENOUGH = 8
LOOK_SECONDS = 0.5
ENDED = frozenset({"sent", "removed"})
"""States of a callback about which nothing is left to do."""


@dataclass(frozen=True)
class Egov:
    """What the faults and the run use."""

    installation: EgovInstallation
    receivers: Workers
    publisher: EgovPublisher
    payer: Payer
    producer: Producer
    watch: Watch

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Receive while the block runs."""
        balancer = Balancer(self.receivers.ports)
        async with self.receivers.running(), balancer.listening(self.installation.port):
            self.receivers.wanted = RECEIVERS
            yield

    async def publish(self, asks: Sequence[Ask]) -> None:
        """Publish the plan."""
        await self.publisher.publish(asks)

    async def occasion_to_wait(self) -> None:
        """Publish a few submissions whose answers come later, unless many are still to be answered."""
        asked = {one.submission for one in self.producer.sent if one.operation == Kind.LATER_REPORT}
        if len(asked - self.watch.kinds.keys()) < ENOUGH:
            await self.publisher.more(Kind.LATER_REPORT, AT_ONCE)

    async def occasion_to_pay(self) -> None:
        """Publish a few payment requests."""
        await self.publisher.more(Kind.PAYMENT, AT_ONCE)

    async def occasion_to_receive(self) -> None:
        """Let ePayments call about a few payments."""
        prefix = f"{self.producer.next_id(SEEDED.rstrip('-'))}-"
        await self.payer.seed(AT_ONCE, prefix, self.installation.notification_url)

    async def claims_of(self, process: WorkerProcess) -> int:
        """Return how many notifications a receiver has claimed and not published."""
        return await claims_now(self.installation.epayment.dsn, process.pid)

    async def settled(self) -> None:
        """Wait until nothing waits in the journal, all is paid, and every call about it was taken."""
        while True:
            if await self._is_settled():
                return
            await asyncio.sleep(LOOK_SECONDS)

    async def _is_settled(self) -> bool:
        waiting, unpublished = await open_ends(self.installation.regix.dsn)
        if waiting or unpublished or not self.payer.done:
            return False
        ledger = await ask(self.installation.servers.epayment.ledger)
        return all(one["state"] in ENDED for one in ledger["callbacks"])
