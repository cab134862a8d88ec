"""A replay in batches: order it durably, publish it, note that. A run that died is finished by the next one."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from worker.admin.publishing import Publisher
from worker.journal import replays
from worker.journal.claims import LetterState
from worker.journal.views import DeadLetterFilter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import asyncpg

    from worker.kafka.publisher import KafkaPublisher

BATCH = 200
TOO_LARGE = "Kafka finds this record, or one before it under its key, too large for the topic"


@dataclass(slots=True)
class Replayed:
    """What a run did. ``finished`` had been begun by an earlier run; ``refused`` are open again."""

    replayed: list[str] = field(default_factory=list)
    finished: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


class Replay:
    """One run, on a connection that it has to itself.

    Raises NotPublished and what the database raises; what was ordered by then is published by the
    next run. ``on_progress`` hears how many more were published.
    """

    def __init__(
        self,
        connection: asyncpg.Connection,
        kafka: KafkaPublisher,
        *,
        who: str,
        reason: str | None,
        on_progress: Callable[[int], None],
    ) -> None:
        self._connection = connection
        self._publisher = Publisher(kafka)
        self._who = who
        self._reason = reason
        self._on_progress = on_progress
        self.done = Replayed()

    async def finish_begun(self) -> None:
        """Publish again what an earlier run had ordered: the same record, which counts once."""
        begun = await unfinished(self._connection)
        for batch in _batches(begun):
            self.done.finished += await self._publish(batch)

    async def run(self, ids: Sequence[str]) -> None:
        """Replay these in the order given; what somebody else did something to meanwhile is left out."""
        for batch in _batches(ids):
            ordered = await replays.order(self._connection, batch, who=self._who, reason=self._reason)
            self.done.replayed += await self._publish(ordered)

    async def _publish(self, ids: Sequence[str]) -> list[str]:
        published = await self._publisher.publish(await replays.ordered(self._connection, ids))
        done = [one for one in ids if one in published]
        refused = [one for one in ids if one not in published]
        await replays.published(self._connection, done)
        if refused:
            await replays.refused(self._connection, refused, who=self._who, reason=TOO_LARGE)
        self.done.refused += refused
        self._on_progress(len(ids))
        return done


async def unfinished(connection: asyncpg.Connection) -> list[str]:
    """Return what an earlier run had ordered and not finished, in order."""
    wanted = DeadLetterFilter(state=LetterState.REPLAYING)
    return [one.id for one in await replays.candidates(connection, wanted)]


def _batches(ids: Sequence[str]) -> Iterator[list[str]]:
    rest = iter(ids)
    while batch := list(islice(rest, BATCH)):
        yield batch
