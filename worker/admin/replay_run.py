"""A replay in batches: each is ordered in the journal, published, and marked. The next run finishes one that died."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Protocol

from contracts.immutable import immutable
from worker.admin import replay_sql

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import asyncpg

    from worker.admin.publishing import Publisher

BATCH = 200
TOO_LARGE = "Kafka finds this record, or one before it under its key, too large for the topic"


@immutable
class Replayed:
    """What a run did. ``finished`` were started by an earlier run; ``refused`` are open again."""

    replayed: tuple[str, ...] = ()
    finished: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


class ReplayProgress(Protocol):
    """Receives the progress of a run."""

    def begins(self, *, begun: int, ordered: int) -> None:
        """Take note of the run's size: how many an earlier run had started, and how many are ordered now."""

    def advanced(self, more: int) -> None:
        """Take note that this many more were published or refused."""


class Silent:
    """Implements `ReplayProgress` without showing anything."""

    def begins(self, *, begun: int, ordered: int) -> None:
        """Do nothing."""

    def advanced(self, more: int) -> None:
        """Do nothing."""


class ReplayRun:
    """One run, on a connection that it has to itself.

    Raises what the publisher and the database raise; what was ordered by then is published by the next run.
    """

    def __init__(
        self,
        connection: asyncpg.Connection,
        publisher: Publisher,
        *,
        who: str,
        reason: str | None,
        progress: ReplayProgress,
    ) -> None:
        self._connection = connection
        self._publisher = publisher
        self._who = who
        self._reason = reason
        self._progress = progress
        self._replayed: list[str] = []
        self._finished: list[str] = []
        self._refused: list[str] = []

    @property
    def done(self) -> Replayed:
        """What was done so far."""
        return Replayed(tuple(self._replayed), tuple(self._finished), tuple(self._refused))

    async def finish(self, begun: Sequence[str]) -> None:
        """Publish again what an earlier run had ordered: the same record, which counts once."""
        for batch in _batches(begun):
            self._finished += await self._publish(batch)

    async def replay(self, ids: Sequence[str]) -> None:
        """Replay these in the order given; dead letters that somebody else changed meanwhile are left out."""
        for batch in _batches(ids):
            ordered = await replay_sql.order(self._connection, batch, who=self._who, reason=self._reason)
            self._replayed += await self._publish(ordered)

    async def _publish(self, ids: Sequence[str]) -> list[str]:
        published = await self._publisher.publish(await replay_sql.ordered(self._connection, ids))
        done = [one for one in ids if one in published]
        refused = [one for one in ids if one not in published]
        await replay_sql.published(self._connection, done)
        if refused:
            await replay_sql.refused(self._connection, refused, who=self._who, reason=TOO_LARGE)
        self._refused += refused
        self._progress.advanced(len(ids))
        return done


def _batches(ids: Sequence[str]) -> Iterator[list[str]]:
    rest = iter(ids)
    while batch := list(islice(rest, BATCH)):
        yield batch
