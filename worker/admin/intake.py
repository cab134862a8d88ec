"""Show, make and end stops of intake; show and acknowledge what it lost. A worker follows within seconds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.admin import audit_log
from worker.admin.connection import connected
from worker.admin.errors import UnknownSystem
from worker.pipeline.flood.causes import Party, Scope
from worker.pipeline.ports import FORGOTTEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import asyncpg

    from worker.journal.settings import JournalSettings
    from worker.settings.model import Settings

_COLUMNS = "stopped_at, why, reasons, nullif(probe_at, 'infinity') as probe_at"
_SYSTEM = f"system, 'system' as scope, '' as name, {_COLUMNS}"
_SENDER = f"system, scope, name, {_COLUMNS}"
_ALL = f"""
select {_SYSTEM} from intake_stops union all select {_SENDER} from sender_stops
order by system, scope desc, name
"""  # noqa: S608 - put together from constants
# A new `stopped_at` makes it another stop: a probe in flight, made for the stop before, does not lift it.
_STOP = f"""
insert into intake_stops as stop (system, why, probe_at) values ($1, $2, 'infinity')
on conflict (system) do update
set stopped_at = excluded.stopped_at, why = excluded.why, reasons = excluded.reasons, probe_at = excluded.probe_at
returning {_SYSTEM}
"""  # noqa: S608 - as above
_RESUME_SYSTEMS = f"delete from intake_stops where system = any($1::text[]) returning {_SYSTEM}"  # noqa: S608 - as above
_RESUME_SENDERS = f"delete from sender_stops where system = any($1::text[]) returning {_SENDER}"  # noqa: S608 - as above
_RESUME_SENDER = f"""
delete from sender_stops where system = any($1::text[]) and scope = $2 and name = $3 returning {_SENDER}
"""  # noqa: S608 - as above


_LOSS_COLUMNS = (
    "system, topic, partition, from_offset, to_offset, to_offset - from_offset as lost, why, noticed_at"
)
_OPEN_LOSSES = f"select {_LOSS_COLUMNS} from intake_losses where acknowledged_at is null order by id"  # noqa: S608 - as above
_ACKNOWLEDGE = f"""
update intake_losses set acknowledged_at = clock_timestamp()
where system = $1 and acknowledged_at is null
returning {_LOSS_COLUMNS}
"""  # noqa: S608 - as above

STOPPED, RESUMED, ACKNOWLEDGED = "stop-intake", "resume-intake", "acknowledge-loss"
"""What the audit log calls what people do to intake."""
EVERYTHING = "all"
"""What a stop of an entire system stops."""


@immutable
class LossRow:
    """Records that Kafka deleted before they were read. ``lost`` is None if the number is unknown.

    Or records that were read, and of which the journal does not know how they ended; see `forgotten`.
    """

    system: str
    topic: str
    partition: int
    from_offset: int
    to_offset: int | None
    lost: int | None
    why: str
    noticed_at: datetime

    @property
    def forgotten(self) -> bool:
        """Whether the records were read, and the journal does not know how they ended."""
        return self.why == FORGOTTEN


@immutable
class StopRow:
    """A stop: of a source where ``source`` is there, of a signer where ``signer`` is, else of the entire system.

    ``source`` is empty for records whose source cannot be read. ``reasons``: how many dead letters of which reason
    code led to it. ``probe_at`` is when one submission will be tried; None where only a person ends it.
    """

    system: str
    source: str | None
    signer: str | None
    stopped_at: datetime
    why: str
    reasons: Mapping[str, int]
    probe_at: datetime | None

    @property
    def stopped(self) -> str:
        """Name what is stopped in a few words."""
        return named(self.source, self.signer)


def named(source: str | None, signer: str | None) -> str:
    """Name what a stop is of in a few words; empty is a source that cannot be read."""
    if signer is not None:
        return Party(Scope.SIGNER, signer).told
    return EVERYTHING if source is None else Party(Scope.SOURCE, source).told


async def list_stops(journal: JournalSettings) -> list[StopRow]:
    """Return what is stopped, by system: its whole intake, then its sources and signers. Raises ActFailed."""
    async with connected(journal, "intake") as connection:
        return _stops(await connection.fetch(_ALL))


async def stop_intake(settings: Settings, system: str, *, who: str, reason: str) -> StopRow:
    """Stop intake of a system until a person resumes it. Raises UnknownSystem, and ActFailed."""
    _configured(settings, system)
    async with connected(settings.journal, "intake") as connection, connection.transaction():
        (made,) = _stops(await connection.fetch(_STOP, system, reason))
        await audit_log.record_intake(connection, system, who=who, act=STOPPED, reason=reason)
    return made


async def resume_intake(
    settings: Settings,
    system: str | None,
    *,
    who: str,
    reason: str | None,
    source: str | None = None,
    signer: str | None = None,
) -> list[StopRow]:
    """End stops and return those that there were: of this system, or of all that are configured.

    With ``source`` or ``signer``, only the stops of these senders end, else all. Raises UnknownSystem, and ActFailed.
    """
    systems = _configured(settings, system)
    async with connected(settings.journal, "intake") as connection, connection.transaction():
        ended = await _end(connection, systems, source, signer)
        for stop in ended:
            await _record_resumed(connection, stop, who, reason)
    return ended


async def _end(
    connection: asyncpg.Connection, systems: list[str], source: str | None, signer: str | None
) -> list[StopRow]:
    named = [(scope, name) for scope, name in (("source", source), ("signer", signer)) if name is not None]
    rows: list[asyncpg.Record] = []
    for scope, name in named:
        rows += await connection.fetch(_RESUME_SENDER, systems, scope, name)
    if not named:
        rows += await connection.fetch(_RESUME_SYSTEMS, systems)
        rows += await connection.fetch(_RESUME_SENDERS, systems)
    return _stops(rows)


def _stops(rows: Sequence[asyncpg.Record]) -> list[StopRow]:
    return [
        StopRow(
            system=row["system"],
            source=row["name"] if row["scope"] == "source" else None,
            signer=row["name"] if row["scope"] == "signer" else None,
            stopped_at=row["stopped_at"],
            why=row["why"],
            reasons=json.loads(row["reasons"]),
            probe_at=row["probe_at"],
        )
        for row in rows
    ]


async def _record_resumed(
    connection: asyncpg.Connection, stop: StopRow, who: str, reason: str | None
) -> None:
    senders = {"source": stop.source, "signer": stop.signer}
    details = {
        "stopped_because": stop.why,
        "stopped_at": stop.stopped_at.isoformat(),
        **{name: value for name, value in senders.items() if value is not None},
    }
    await audit_log.record_intake(
        connection, stop.system, who=who, act=RESUMED, reason=reason, details=details
    )


async def list_losses(journal: JournalSettings) -> list[LossRow]:
    """Return the unacknowledged losses, the oldest first. Raises ActFailed."""
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
                connection, system, who=who, act=ACKNOWLEDGED, reason=reason, details=details
            )
    return found


def _configured(settings: Settings, system: str | None) -> list[str]:
    known = settings.systems.configured()
    if system is None:
        return list(known)
    if system not in known:
        raise UnknownSystem(f"it is not configured; there are {', '.join(known)}.")
    return [system]
