"""Replay dead letters: publish their records again where they came from, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.admin import replay_sql
from worker.admin.connection import connected
from worker.admin.errors import ActFailed
from worker.admin.obstacles import Obstacle, to_replay
from worker.admin.publishing import Publisher
from worker.admin.replay_run import Replayed, ReplayProgress, ReplayRun, Silent
from worker.admin.selection import Selection, select
from worker.kafka.clients import make_producer
from worker.kafka.publisher import NotPublished, publishing
from worker.systems.registry import operations_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import asyncpg

    from worker.admin.views import Candidate, DeadLetterFilter
    from worker.settings.model import Settings

MAX_REPLAYS = 3
"""The number of replays after which a dead letter is skipped by default."""
GOES_ON = "The next `herald dead-letters replay` finishes what this one started."
ANOTHER_RUNS = "Another replay is running: wait until it ends."


@immutable
class ReplaySelection:
    """What a replay would take. ``begun``: the dead letters of an earlier replay that it would finish first."""

    selection: Selection
    begun: int


@immutable
class ReplayOrder:
    """What to replay, in this order, who orders it and why."""

    ids: Sequence[str]
    who: str
    reason: str | None = None


async def select_for_replay(
    settings: Settings,
    wanted: DeadLetterFilter,
    *,
    max_replays: int = MAX_REPLAYS,
    limit: int | None = None,
) -> ReplaySelection:
    """Return what a replay would take and leave alone. Raises ActFailed."""
    async with connected(settings.journal, "replay") as connection:
        chosen = await select(connection, wanted, _obstacles(settings, max_replays), limit)
        return ReplaySelection(chosen, begun=len(await replay_sql.unfinished(connection)))


async def replay_dead_letters(
    settings: Settings, order: ReplayOrder, progress: ReplayProgress | None = None
) -> Replayed:
    """Finish an earlier replay that was interrupted, then replay these; those no longer open are skipped.

    Raises ActFailed where the journal or Kafka cannot be used, or another replay runs. What was ordered by then is
    finished by the next replay.
    """
    try:
        async with connected(settings.journal, "replay", then=GOES_ON) as connection:
            if not await replay_sql.lock(connection):
                raise ActFailed(ANOTHER_RUNS)
            async with publishing(make_producer(settings.kafka)) as kafka:
                return await _run(connection, Publisher(kafka), order, progress or Silent())
    except NotPublished as error:
        raise ActFailed(f"Kafka did not accept the replay: {error.why}. {GOES_ON}") from None


async def _run(
    connection: asyncpg.Connection, publisher: Publisher, order: ReplayOrder, progress: ReplayProgress
) -> Replayed:
    begun = await replay_sql.unfinished(connection)
    progress.begins(begun=len(begun), ordered=len(order.ids))
    run = ReplayRun(connection, publisher, who=order.who, reason=order.reason, progress=progress)
    await run.finish(begun)
    await run.replay(order.ids)
    return run.done


def _obstacles(settings: Settings, max_replays: int) -> Callable[[Candidate], Obstacle | None]:
    operations = operations_of(settings.systems.sections())
    topics = {name: settings.routing_of(name).submissions for name in settings.systems.sections()}

    def obstacle_of(letter: Candidate) -> Obstacle | None:
        operation = operations.get((letter.system, letter.operation or ""))
        return to_replay(
            letter, operation, max_replays=max_replays, submission_topics=topics.get(letter.system)
        )

    return obstacle_of
