"""What the journal counts for the metrics: what is unanswered, what waits for a person, and its migrations."""

from __future__ import annotations

import json
from dataclasses import field
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.journal.waiting_figures import WaitingFigures, read_waiting

if TYPE_CHECKING:
    from collections.abc import Mapping

    import asyncpg

# Both read what is unfinished alone (`unaccepted`, `dead_letters_unfinished`): a journal of many answered submissions
# costs no more than one of few.
_SUBMISSIONS = """
select s.system,
       count(*) filter (where s.state <> 'held') as unanswered,
       extract(epoch from clock_timestamp() - min(s.received_at) filter (where s.state <> 'held'))::float8
           as unanswered_age,
       count(*) filter (where s.state = 'held') as held,
       extract(epoch from clock_timestamp() - min(s.finished_at) filter (where s.state = 'held'))::float8 as held_age
from unaccepted u join submissions s on s.source = u.source and s.id = u.id
where u.kind in ('unfinished', 'held') and s.state in ('claimed', 'sending', 'held')
group by s.system
"""
_LETTERS = "select system, count(*) as open from dead_letters where state = 'open' group by system"
_CODE_LISTS = """
select system, json_object_agg(id, extract(epoch from clock_timestamp() - fetched_at)::float8) as ages
from code_lists group by system
"""
_MIGRATION = """
select version, extract(epoch from applied_at)::float8 as applied_at
from schema_versions order by version desc limit 1
"""
_CLOCK = "select extract(epoch from clock_timestamp())::float8"


@immutable
class SystemFigures:
    """Counts of one system. Ages are in seconds, by the clock of the database; None where there is nothing."""

    unanswered: int = 0
    unanswered_age: float | None = None
    held: int = 0
    held_age: float | None = None
    letters_open: int = 0
    code_list_ages: Mapping[str, float] = field(default_factory=dict)
    """By the id of each list that was pulled."""


@immutable
class Figures:
    """``clock`` is the database's, ``migrated_at`` when the last migration was applied; both in Unix seconds."""

    systems: dict[str, SystemFigures]
    schema_version: int
    migrated_at: float
    clock: float
    waiting: dict[str, WaitingFigures] = field(default_factory=dict)
    """Of the systems for which something waits."""


async def read_figures(connection: asyncpg.Connection) -> Figures:
    """Read them. Raises what asyncpg raises."""
    letters = {row["system"]: row["open"] for row in await connection.fetch(_LETTERS)}
    lists = {row["system"]: json.loads(row["ages"]) for row in await connection.fetch(_CODE_LISTS)}
    submissions = {row["system"]: dict(row) for row in await connection.fetch(_SUBMISSIONS)}
    migration = await connection.fetchrow(_MIGRATION)
    assert migration is not None  # noqa: S101  # the worker starts only on migrated tables
    waiting = await read_waiting(connection)
    clock = await connection.fetchval(_CLOCK)
    return Figures(
        {
            name: _of(submissions.get(name), letters.get(name, 0), lists.get(name, {}))
            for name in letters.keys() | submissions.keys() | lists.keys()
        },
        migration["version"],
        migration["applied_at"],
        clock,
        waiting,
    )


def _of(row: dict[str, object] | None, letters: int, lists: Mapping[str, float]) -> SystemFigures:
    named = {name: value for name, value in (row or {}).items() if name != "system"}
    return SystemFigures(**named, letters_open=letters, code_list_ages=lists)  # type: ignore[arg-type]
