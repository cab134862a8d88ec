"""Show, make and end stops of intake; show and acknowledge what it lost. A worker follows within seconds."""

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


_LOSS_COLUMNS = (
    "system, topic, partition, from_offset, to_offset, to_offset - from_offset as lost, why, noticed_at"
)
_OPEN_LOSSES = f"select {_LOSS_COLUMNS} from intake_losses where acknowledged_at is null order by id"  # noqa: S608 - as above
_ACKNOWLEDGE = f"""
update intake_losses set acknowledged_at = clock_timestamp()
where system = $1 and acknowledged_at is null
returning {_LOSS_COLUMNS}
"""  # noqa: S608 - as above


@dataclass(frozen=True, slots=True)
class LossRow:
    """Records that Kafka deleted before they were read. ``lost`` is None where nobody knows how many."""

    system: str
    topic: str
    partition: int
    from_offset: int
    to_offset: int | None
    lost: int | None
    why: str
    noticed_at: datetime


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


async def list_losses(journal: JournalSettings) -> list[LossRow]:
    """Return the losses that nobody has acknowledged, the oldest first. Raises ActFailed."""
    async with connected(journal, "intake") as connection:
        return [LossRow(**row) for row in await connection.fetch(_OPEN_LOSSES)]


async def acknowledge_losses(
    settings: Settings, system: str, *, who: str, reason: str | None
) -> list[LossRow]:
    """Acknowledge what a system's intake lost, and return it. Raises UnknownSystem, and ActFailed."""
    _configured(settings, system)
    async with connected(settings.journal, "intake") as connection, connection.transaction():
        found = [LossRow(**row) for row in await connection.fetch(_ACKNOWLEDGE, system)]
        for one in found:
            details = {
                "topic": one.topic,
                "partition": one.partition,
                "from_offset": one.from_offset,
                "to_offset": one.to_offset,
                "why": one.why,
            }
            await audit_log.record_intake(
                connection, system, who=who, act="acknowledge-loss", reason=reason, details=details
            )
    return found


def _configured(settings: Settings, system: str | None) -> list[str]:
    known = settings.systems.configured()
    if system is None:
        return list(known)
    if system not in known:
        raise UnknownSystem(f"it is not configured; there are {', '.join(known)}.")
    return [system]
