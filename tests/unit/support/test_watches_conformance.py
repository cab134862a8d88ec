"""The fake places to look at are held to the suite that PostgreSQL is held to."""

from __future__ import annotations

import pytest

from tests.support.fakes.notifications import NotificationStore
from tests.support.fakes.ports import FakeClock
from tests.support.fakes.watches import MemoryWatches, Place
from tests.support.journal.looks import LookConformance


class MemoryWorld:
    """Workers over one memory, by a clock that moves when a test waits."""

    def __init__(self) -> None:
        self._clock = FakeClock()
        self._store = NotificationStore(self._clock)
        self._places: dict[str, Place] = {}

    def view(self, me: str) -> MemoryWatches:
        return MemoryWatches(self._store, self._places, me)

    async def wait(self, seconds: float) -> None:
        await self._clock.advance(seconds)

    async def names(self) -> list[str]:
        return [name for _, name in self._store.rows]


@pytest.fixture
def world() -> MemoryWorld:
    return MemoryWorld()


class TestLooks(LookConformance):
    """What is done about places."""
