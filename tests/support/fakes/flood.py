"""The flood guards of two workers of one system, whose time a test moves."""

from __future__ import annotations

import asyncio

from contracts.reasons import Reason
from tests.support.fakes.ports import FakeClock, FakeStops
from worker.pipeline.flood.causes import Sender
from worker.pipeline.flood.counting import FloodCounters, FloodPolicy
from worker.pipeline.flood.guard import LOOK, FloodGuard
from worker.pipeline.shutdown import Shutdown

POLICY = FloodPolicy(share=0.5, at_least=3, window=10.0, probe_after=30.0, dead_letters_per_minute=8)
A, B = Sender("/his/a", "dr-1"), Sender("/his/b", "dr-2")
SOURCE_A, SIGNER_1 = A.parties
SYSTEM_SIDE, OF_THE_EVENT, OF_THE_SIGNER = (
    Reason.OUTCOME_UNKNOWN,
    Reason.CONTRACT_VIOLATION,
    Reason.SIGNING_FAILED,
)


class Workers:
    """Two workers of one system, on one journal."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.stops = FakeStops(self.clock)
        self.without_partitions: list[FloodGuard] = []
        """Workers that have nothing to try."""
        self.changes: list[tuple[FloodGuard, bool]] = []
        """Which worker's counter told of a change, and whether it takes records since."""
        self.guards = [self._guard(), self._guard()]
        self.shutdown = Shutdown()
        self.tasks = [asyncio.create_task(guard.run()) for guard in self.guards]
        self.passed = 0

    def _guard(self) -> FloodGuard:
        guard = FloodGuard(
            "nhis",
            FloodCounters(POLICY, self.clock.monotonic),
            self.stops,
            self.clock,
            on_change=lambda: self.changes.append((guard, guard.takes)),
            can_probe=lambda _: guard not in self.without_partitions,
        )
        return guard

    async def flood(self) -> None:
        for _ in range(3):
            self.guards[0].dies(SYSTEM_SIDE, A)
        await self.clock.advance(LOOK)
        await self.clock.advance(LOOK)

    def comes(self, guard: FloodGuard, *, ends: str = "well") -> asyncio.Task[None]:
        """Let a record come, and end as the engine lets it end once it has passed."""

        async def process() -> None:
            await guard.wait(self.shutdown)
            self.passed += 1
            try:
                if ends != "answered before":
                    guard.dies(SYSTEM_SIDE, A) if ends == "dead" else guard.ends_well(A)
            finally:
                guard.done()

        return asyncio.create_task(process())
