"""Show, make and end stops of intake. A worker follows within seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.admin import audit_log
from worker.admin.connection import connected
from worker.admin.errors import UnknownSystem

if TYPE_CHECKING:
    from datetime import datetime

    import asyncpg

    from worker.journal.settings import JournalSettings
    from worker.settings.model import Settings

_COLUMNS = "system, stopped_at, why, nullif(probe_at, 'infinity') as probe_at"
_ALL = f"select {_COLUMNS} from intake_stops order by system"  # noqa: S608 - put together from constants
# A new `stopped_at` makes it another stop: a probe in flight, made for the stop before, does not lift it.
_STOP = f"""
insert into intake_stops as stop (system, why, probe_at) values ($1, $2, 'infinity')
on conflict (system) do update
set stopped_at = excluded.stopped_at, why = excluded.why, probe_at = excluded.probe_at
returning {_COLUMNS}
"""  # noqa: S608 - as above
_RESUME = f"delete from intake_stops where system = any($1::text[]) returning {_COLUMNS}"  # noqa: S608 - as above


@dataclass(frozen=True, slots=True)
class StopRow:
    """A stop of intake. ``probe_at`` is when one submission will be tried; None where only a person ends it."""

    system: str
    stopped_at: datetime
    why: str
    probe_at: datetime | None


async def list_stops(journal: JournalSettings) -> list[StopRow]:
    """Return the systems whose intake is stopped. Raises ActFailed."""
    async with connected(journal, "intake") as connection:
        return [StopRow(**row) for row in await connection.fetch(_ALL)]


async def stop_intake(settings: Settings, system: str, *, who: str, reason: str) -> StopRow:
    """Stop intake of a system until a person resumes it. Raises UnknownSystem, and ActFailed."""
    _configured(settings, system)
    async with connected(settings.journal, "intake") as connection, connection.transaction():
        (made,) = await connection.fetch(_STOP, system, reason)
        await audit_log.record_intake(connection, system, who=who, act="stop-intake", reason=reason)
    return StopRow(**made)


async def resume_intake(
    settings: Settings, system: str | None, *, who: str, reason: str | None
) -> list[StopRow]:
    """End the stop of this system, or of all that are configured; return those that there were.

    Raises UnknownSystem, and ActFailed.
    """
    systems = _configured(settings, system)
    async with connected(settings.journal, "intake") as connection, connection.transaction():
        ended = [StopRow(**row) for row in await connection.fetch(_RESUME, systems)]
        for stop in ended:
            await _record_resumed(connection, stop, who, reason)
    return ended


async def _record_resumed(
    connection: asyncpg.Connection, stop: StopRow, who: str, reason: str | None
) -> None:
    details = {"stopped_because": stop.why}
    await audit_log.record_intake(
        connection, stop.system, who=who, act="resume-intake", reason=reason, details=details
    )


def _configured(settings: Settings, system: str | None) -> list[str]:
    known = settings.systems.configured()
    if system is None:
        return list(known)
    if system not in known:
        raise UnknownSystem(f"it is not configured; there are {', '.join(known)}.")
    return [system]
