"""A window's work, whose every step the test controls."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from tests.support.fakes.ports import settle
from worker.pipeline.flood.causes import Hold, Party, Scope
from worker.pipeline.ports import Record
from worker.pipeline.shutdown import Shutdown

WAITS = Hold(Party(Scope.SOURCE, "/his/a"), stopped=True)
HERE = ("submissions", 0)
THERE = ("submissions", 1)


def record(offset: int, key: bytes | None = b"k", value: bytes = b"", partition: int = 0) -> Record:
    return Record("submissions", partition, offset, 0, key, value, ())


@dataclass
class Work:
    """A process function whose every step the test controls."""

    begun: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    running: dict[int, asyncio.Future[None]] = field(default_factory=dict)
    shutdown: dict[int, Shutdown] = field(default_factory=dict)

    async def __call__(self, taken: Record, shutdown: Shutdown) -> None:
        self.begun.append(taken.offset)
        self.shutdown[taken.offset] = shutdown
        self.running[taken.offset] = asyncio.get_running_loop().create_future()
        try:
            await self.running[taken.offset]
        finally:
            del self.running[taken.offset]
        self.ended.append(taken.offset)

    async def finish(self, *offsets: int) -> None:
        for offset in offsets:
            self.running[offset].set_result(None)
            await settle()

    async def fail(self, offset: int, error: BaseException) -> None:
        self.running[offset].set_exception(error)
        await settle()
