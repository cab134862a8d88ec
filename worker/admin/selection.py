"""Which dead letters an act is about: those that it takes, and those that it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.admin import replay_sql
from worker.admin.histogram import histogram
from worker.admin.references import resolved

if TYPE_CHECKING:
    from collections.abc import Callable

    import asyncpg

    from worker.admin.histogram import Bar
    from worker.admin.obstacles import Obstacle
    from worker.admin.views import Candidate, DeadLetterFilter


@immutable
class Skipped:
    """A dead letter that an act leaves alone, and why."""

    id: str
    why: str


@immutable
class Selection:
    """The dead letters that an act takes, in the order in which it takes them, and those that it leaves alone."""

    taken: tuple[Candidate, ...]
    skipped: tuple[Skipped, ...]

    @property
    def ids(self) -> list[str]:
        """The ids of those that are taken."""
        return [one.id for one in self.taken]

    @property
    def histogram(self) -> list[Bar]:
        """What is taken, in few lines."""
        return histogram(self.taken)


async def select(
    connection: asyncpg.Connection,
    wanted: DeadLetterFilter,
    obstacle_of: Callable[[Candidate], Obstacle | None],
    limit: int | None,
) -> Selection:
    """Return the dead letters that fit: the first ``limit`` without an obstacle, and all that have one.

    The filter's ids may be short, or those of submissions. Raises ActFailed where one is unknown, and AmbiguousId.
    """
    if wanted.ids is not None:
        wanted = replace(wanted, ids=await resolved(connection, wanted.ids))
    found = await replay_sql.candidates(connection, wanted)
    judged = [(one, obstacle_of(one)) for one in found]
    taken = [one for one, obstacle in judged if obstacle is None]
    skipped = [Skipped(one.id, obstacle.value) for one, obstacle in judged if obstacle]
    return Selection(tuple(taken[:limit]), tuple(skipped))
