"""What the journal keeps of how far intake has come, in memory."""

from __future__ import annotations

from collections.abc import Mapping

from worker.pipeline.ports import JournalOutage, Loss


class FakePositions:
    """Keeps it, or is away."""

    def __init__(self) -> None:
        self.noted: dict[tuple[str, str, int], int] = {}
        self.losses: list[tuple[str, Loss]] = []
        self.unavailable = False

    async def read_to(self, group: str, topic: str, partition: int) -> int | None:
        self._ask()
        return self.noted.get((group, topic, partition))

    async def note(self, group: str, offsets: Mapping[tuple[str, int], int]) -> None:
        self._ask()
        self.noted |= {(group, *place): offset for place, offset in offsets.items()}

    async def record_loss(self, system: str, loss: Loss) -> None:
        self._ask()
        self.losses.append((system, loss))

    async def open_losses(self, system: str) -> list[Loss]:
        self._ask()
        return [loss for whose, loss in self.losses if whose == system]

    def _ask(self) -> None:
        if self.unavailable:
            raise JournalOutage
