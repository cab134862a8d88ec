"""The journal in memory keeps to the port as the one on PostgreSQL does: what the engine's tests stand on."""

from __future__ import annotations

import pytest

from tests.support.fakes.journal import MemoryJournal, MemoryJournalStore
from tests.support.fakes.ports import FakeClock
from tests.support.journal.claims import ClaimConformance
from tests.support.journal.replays import ReplayConformance
from tests.support.journal.steps import StepConformance
from tests.support.journal.waits import WaitConformance
from worker.journal.claims import LetterState


class MemoryWorld:
    """Journals over one store in memory."""

    def __init__(self) -> None:
        self._store = MemoryJournalStore(FakeClock())
        self._journals: dict[str, MemoryJournal] = {}

    async def open(self, owner: str) -> MemoryJournal:
        return self._journals.setdefault(owner, MemoryJournal(self._store, owner))

    async def lapse(self, owner: str) -> None:
        self._journals[owner].die()

    async def renew(self, owner: str) -> None:
        self._journals[owner].renew()

    async def mark(self, letter_id: str, state: LetterState) -> None:
        self._store.letters[letter_id] = state

    async def notices_kept(self) -> list[tuple[str, str, str | None]]:
        kept = self._store.notices.values()
        return [
            (one.id, (one.event.value or b"").decode(), one.owner.id if one.owner else None) for one in kept
        ]

    async def detail_kept(self, letter_id: str) -> str:
        return self._store.dead_letters[letter_id].detail


@pytest.fixture
def world() -> MemoryWorld:
    return MemoryWorld()


class TestClaims(ClaimConformance):
    """What a claim finds."""


class TestSteps(StepConformance):
    """The steps of whoever holds a ticket."""


class TestReplays(ReplayConformance):
    """What an ordered replay opens."""


class TestWaits(WaitConformance):
    """What waits for an answer that comes later."""
