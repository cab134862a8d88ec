"""How far intake has come, and what it lost: as workers note it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from worker.journal.connection import ReconnectingConnection
from worker.journal.errors import JournalUnavailable
from worker.pipeline.ports import JournalOutage, Loss

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    import asyncpg

    from worker.journal.settings import JournalSettings
    from worker.pipeline.ports import Clock

_Result = TypeVar("_Result")

_READ_TO = """
select next_offset from intake_positions where consumer_group = $1 and topic = $2 and partition = $3
"""
_NOTE = """
insert into intake_positions (consumer_group, topic, partition, next_offset)
select $1, * from unnest($2::text[], $3::int[], $4::bigint[])
on conflict (consumer_group, topic, partition) do update
set next_offset = excluded.next_offset, noted_at = excluded.noted_at
"""
# Two workers may notice the same loss, one after the other.
_RECORD = """
insert into intake_losses (system, topic, partition, from_offset, to_offset, why)
select $1, $2, $3, $4, $5, $6
where not exists (
    select from intake_losses
    where topic = $2 and partition = $3 and from_offset = $4 and to_offset is not distinct from $5
      and acknowledged_at is null
)
on conflict do nothing
"""
_OPEN = """
select topic, partition, from_offset, to_offset, why from intake_losses
where system = $1 and acknowledged_at is null order by id
"""


class PostgresReadPositions:
    """Implements `pipeline.ports.ReadPositions` on PostgreSQL, over a connection of its own, for all systems."""

    def __init__(self, settings: JournalSettings, clock: Clock) -> None:
        self._connection = ReconnectingConnection(
            settings, "intake positions", clock, statement_seconds=settings.statement_seconds
        )
        self._turn = asyncio.Lock()  # a connection does one thing at a time

    async def read_to(self, group: str, topic: str, partition: int) -> int | None:
        """Return up to where a group had read a partition, or None where it never did."""
        found: int | None = await self._run(lambda c: c.fetchval(_READ_TO, group, topic, partition))
        return found

    async def note(self, group: str, offsets: Mapping[tuple[str, int], int]) -> None:
        """Note up to where partitions were committed."""
        topics, partitions = [topic for topic, _ in offsets], [partition for _, partition in offsets]
        await self._run(lambda c: c.execute(_NOTE, group, topics, partitions, list(offsets.values())))

    async def record_loss(self, system: str, loss: Loss) -> None:
        """Write down a loss that is open until an operator acknowledges it."""
        place = loss.topic, loss.partition, loss.from_offset, loss.to_offset
        await self._run(lambda c: c.execute(_RECORD, system, *place, loss.why))

    async def open_losses(self, system: str) -> list[Loss]:
        """Return the losses that no operator has acknowledged, the oldest first."""
        return [Loss(**row) for row in await self._run(lambda c: c.fetch(_OPEN, system))]

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()

    async def _run(self, work: Callable[[asyncpg.Connection], Awaitable[_Result]]) -> _Result:
        try:
            async with self._turn:
                return await self._connection.run(work)
        except JournalUnavailable as error:
            raise JournalOutage(str(error)) from None
