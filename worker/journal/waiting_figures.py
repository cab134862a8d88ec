"""What the journal counts of submissions that a system answers later."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Mapping

    import asyncpg

_WAITING = """
select system, operation, count(*) filter (where phase = 'ask') as waiting,
       extract(epoch from clock_timestamp() - min(due))::float8 as overdue
from waiting group by system, operation
"""


@immutable
class WaitingFigures:
    """Of one system: how many wait, by operation, and since when the longest due ask or acknowledgement is due.

    ``overdue`` is in seconds by the clock of the database; negative where nothing is due yet, None where nothing waits.
    """

    waiting: Mapping[str, int] = field(default_factory=dict)
    overdue: float | None = None


async def read_waiting(connection: asyncpg.Connection) -> dict[str, WaitingFigures]:
    """Read them by system. Raises what asyncpg raises."""
    found: dict[str, WaitingFigures] = {}
    for row in await connection.fetch(_WAITING):
        known = found.get(row["system"], WaitingFigures())
        overdue = row["overdue"] if known.overdue is None else max(known.overdue, row["overdue"])
        waiting = {**known.waiting, row["operation"]: row["waiting"]}
        found[row["system"]] = WaitingFigures(waiting, overdue)
    return found
