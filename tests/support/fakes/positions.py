"""What the journal keeps of how far intake has come, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from worker.pipeline.ports import JournalOutage, Loss, Position


class FakePositions:
    """Keeps it, or is away."""

    def __init__(self) -> None:
        self.positions: dict[tuple[str, str, int], Position] = {}
        self.losses: list[tuple[str, Loss]] = []
        self.unavailable = False

    async def noted(self, group: str, topic: str, partitions: Sequence[int]) -> dict[int, Position]:
        self._ask()
        found = {one: self.positions.get((group, topic, one)) for one in partitions}
        return {number: position for number, position in found.items() if position is not None}

    async def note(self, group: str, positions: Mapping[tuple[str, int], Position]) -> None:
        self._ask()
        for place, position in positions.items():
            known = self.positions.get((group, *place))
            if known is None or position.topic_id is None or known.topic_id in (None, position.topic_id):
                same = known is not None and known.topic_id == position.topic_id is not None
                if known is None or not same or position.next_offset > known.next_offset:
                    self.positions[(group, *place)] = position

    async def note_anew(
        self, group: str, place: tuple[str, int], position: Position, *, instead_of: Position | None
    ) -> bool:
        self._ask()
        if self.positions.get((group, *place)) not in (None, instead_of):
            return False
        self.positions[(group, *place)] = position
        return True

    async def record_loss(self, system: str, loss: Loss) -> None:
        self._ask()
        self.losses.append((system, loss))

    async def open_losses(self, system: str) -> list[Loss]:
        self._ask()
        return [loss for whose, loss in self.losses if whose == system]

    def _ask(self) -> None:
        if self.unavailable:
            raise JournalOutage
