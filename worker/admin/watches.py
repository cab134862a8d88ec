"""The places at which workers look for news, as operators see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.admin.connection import connected

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from worker.settings.model import Settings

_WATCHES = """
select system, name, last_seen, due, failures, reason,
       case when claimed_until > clock_timestamp() then claimed_by end as looking
from watches where system = any($1::text[]) order by system, name
"""


@immutable
class WatchRow:
    """A place. ``last_seen``: of the last good look; ``due``: when the next look is due; ``looking``: who looks now.

    ``failures`` in a row since the last good look, and the reason of the last one. A place that the settings name no
    longer has no next look, but stays here.
    """

    system: str
    name: str
    last_seen: datetime | None
    due: datetime
    failures: int
    reason: str | None
    looking: str | None


async def list_watches(settings: Settings) -> Sequence[WatchRow]:
    """Return the places of the configured systems. Raises ActFailed where the journal cannot be used."""
    async with connected(settings.journal, "watches") as connection:
        rows = await connection.fetch(_WATCHES, list(settings.systems.configured()))
    return [WatchRow(**row) for row in rows]
