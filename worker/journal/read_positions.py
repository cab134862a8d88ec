"""How far intake has come, and what it lost: as workers note it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.journal.taking_turns import TurnsConnection
from worker.pipeline.ports import Loss, Position

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from worker.journal.settings import JournalSettings
    from worker.pipeline.ports import Clock

_NOTED = """
select partition, next_offset, case when topic_id_at = noted_at then topic_id end as topic_id
from intake_positions where consumer_group = $1 and topic = $2 and partition = any($3::int[])
"""
# Both times are the same value: the version before sets `noted_at` alone, and the id then holds no more.
_INSERT = """
insert into intake_positions as known (consumer_group, topic, partition, next_offset, topic_id, noted_at, topic_id_at)
select $1, given.*, at.now, case when given.topic_id is not null then at.now end
from unnest($2::text[], $3::int[], $4::bigint[], $5::text[]) as given (topic, partition, next_offset, topic_id),
    (select clock_timestamp() as now) as at
on conflict (consumer_group, topic, partition) do update
set noted_at = excluded.noted_at, topic_id = excluded.topic_id, topic_id_at = excluded.topic_id_at, next_offset = """
_HELD = "case when known.topic_id_at = known.noted_at then known.topic_id end"
# A worker that lost the partition may still write: what its new owner noted meanwhile stays.
_NOTE_ANEW = f"""{_INSERT} excluded.next_offset
where known.next_offset = $6::bigint and {_HELD} is not distinct from $7::text
returning partition
"""
# A worker that lost the partition may still write: neither a later offset nor a later topic may give way to it.
_NOTE = f"""{_INSERT}
    case when {_HELD} = excluded.topic_id then greatest(known.next_offset, excluded.next_offset)
         else excluded.next_offset end
where excluded.topic_id is null or {_HELD} is null or {_HELD} = excluded.topic_id
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
        self._connection = TurnsConnection(settings, "intake positions", clock)

    async def noted(self, group: str, topic: str, partitions: Sequence[int]) -> dict[int, Position]:
        """Return up to where a group had read these partitions; nothing for one that it never read."""
        rows = await self._connection.run(lambda c: c.fetch(_NOTED, group, topic, list(partitions)))
        return {row["partition"]: Position(row["next_offset"], row["topic_id"]) for row in rows}

    async def note(self, group: str, positions: Mapping[tuple[str, int], Position]) -> None:
        """Note up to where partitions are read. Of one topic the farthest counts; a topic of another id stays noted."""
        await self._connection.run(lambda c: c.execute(_NOTE, group, *_columns(positions)))

    async def note_anew(
        self, group: str, place: tuple[str, int], position: Position, *, instead_of: Position | None
    ) -> bool:
        """Note where reading of a partition begins anew; return False where another position than this is noted."""
        found = (instead_of.next_offset, instead_of.topic_id) if instead_of else (None, None)
        given = _columns({place: position})
        return bool(await self._connection.run(lambda c: c.fetch(_NOTE_ANEW, group, *given, *found)))

    async def record_loss(self, system: str, loss: Loss) -> None:
        """Write down a loss that is open until an operator acknowledges it."""
        place = loss.topic, loss.partition, loss.from_offset, loss.to_offset
        await self._connection.run(lambda c: c.execute(_RECORD, system, *place, loss.why))

    async def open_losses(self, system: str) -> list[Loss]:
        """Return the losses that no operator has acknowledged, the oldest first."""
        return [Loss(**row) for row in await self._connection.run(lambda c: c.fetch(_OPEN, system))]

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()


def _columns(positions: Mapping[tuple[str, int], Position]) -> tuple[list[object], ...]:
    """Return topics, partitions, offsets and ids."""
    return (
        [topic for topic, _ in positions],
        [partition for _, partition in positions],
        [one.next_offset for one in positions.values()],
        [one.topic_id for one in positions.values()],
    )
