"""Discard dead letters: no replay takes them any more."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.admin import replay_sql
from worker.admin.connection import connected
from worker.admin.obstacles import to_discard
from worker.admin.selection import select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.admin.selection import Selection
    from worker.admin.views import DeadLetterFilter
    from worker.journal.settings import JournalSettings


@immutable
class Discarded:
    """The dead letters that were discarded; the others were not open any more."""

    ids: tuple[str, ...]


async def select_for_discard(
    journal: JournalSettings,
    wanted: DeadLetterFilter,
    *,
    outcome_unknown: bool = False,
    limit: int | None = None,
) -> Selection:
    """Return what a discard would take and leave alone; with ``outcome_unknown`` also what is held.

    Raises ActFailed.
    """
    obstacle_of = partial(to_discard, outcome_unknown=outcome_unknown)
    async with connected(journal, "discard") as connection:
        return await select(connection, wanted, obstacle_of, limit)


async def discard_dead_letters(
    journal: JournalSettings, ids: Sequence[str], *, who: str, reason: str
) -> Discarded:
    """Discard those of these that are still open. Raises ActFailed."""
    async with connected(journal, "discard") as connection:
        return Discarded(tuple(await replay_sql.discard(connection, ids, who=who, reason=reason)))
