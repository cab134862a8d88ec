"""Those who pay: each payment request whose reply is there is paid, or cancelled, and ePayments tells of it."""

from __future__ import annotations

import asyncio
from random import Random

from tests.chaos.control import ask
from tests.chaos.egov.plan import Kind
from tests.chaos.egov.servers import StandIn
from tests.chaos.producer import Producer
from tests.chaos.readers import Watch

PAUSE = 0.5
WAYS = (("pay",), ("authorise", "pay"), ("order", "pay"), ("cancel",))
"""What the payer of one request does."""


class Payer:
    """Pays while `run` runs."""

    def __init__(self, epayment: StandIn, producer: Producer, watch: Watch, chance: Random) -> None:
        self._epayment = epayment
        self._producer = producer
        self._watch = watch
        self._chance = chance
        self._left: dict[str, list[str]] = {}
        """What is left to do about each payment request."""

    async def run(self) -> None:
        """Do the next step about each, again and again."""
        while True:
            await asyncio.sleep(PAUSE)
            await self._step_all()

    @property
    def done(self) -> bool:
        """Whether every accepted payment request has come to its end."""
        return all(name in self._left and not self._left[name] for name in self._accepted())

    async def seed(self, count: int, prefix: str, url: str) -> None:
        """Let somebody else's payment requests be paid at once: their notifications belong to no submission."""
        body = {"count": count, "prefix": prefix, "notificationUrl": url}
        made = await ask(lambda: self._epayment.control("seed", body))
        await ask(lambda: self._epayment.control("step", {"step": "pay", "ids": made["ids"]}))

    def _accepted(self) -> list[str]:
        asked = {one.submission for one in self._producer.sent if one.operation == Kind.PAYMENT}
        return sorted(name for name in asked if name and self._watch.kinds.get(name) == "accepted")

    async def _step_all(self) -> None:
        for name in self._accepted():
            steps = self._left.setdefault(name, list(self._chance.choice(WAYS)))
            if steps:
                body = {"step": steps[0], "aisPaymentId": name}
                await ask(lambda body=body: self._epayment.control("step", body))
                steps.pop(0)
