"""The audit log: one entry for each act and dead letter or stop, written with what the act changes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from contracts.immutable import immutable
from worker.admin.connection import connected

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import asyncpg

    from worker.journal.settings import JournalSettings

_RECORD = """
insert into audit_log (who, act, reason, dead_letter_id, system, source, submission_id, details)
select $1, $2, $3, d.id, d.system, d.source, d.submission_id, $5::json
from unnest($4::text[]) with ordinality as t (id, n)
join dead_letters d using (id)
order by t.n
"""
_RECORD_INTAKE = "insert into audit_log (who, act, reason, system, details) values ($1, $2, $3, $4, $5::json)"

_ENTRY = "select at, who, act, reason, system, dead_letter_id, details from audit_log "
_OF = _ENTRY + "where dead_letter_id = $1 order by id"
_NEWEST = _ENTRY + "order by id desc limit $1"
_BY_ACT = _ENTRY + "where act = any($1::text[]) order by id desc limit $2"


@immutable
class AuditEntry:
    """What was done, when, why, and by whom: a person, or `herald` where a worker lifted a stop.

    ``dead_letter_id`` is None where it was about a system's intake.
    """

    at: datetime
    who: str
    act: str
    reason: str | None
    system: str
    dead_letter_id: str | None
    details: Mapping[str, Any]


async def newest_entries(journal: JournalSettings, limit: int = 100) -> list[AuditEntry]:
    """Return what was done, the newest first. Raises ActFailed."""
    async with connected(journal, "audit log") as connection:
        return _entries(await connection.fetch(_NEWEST, limit))


async def newest_of(connection: asyncpg.Connection, acts: Sequence[str], limit: int) -> list[AuditEntry]:
    """Return the newest entries of these acts, the newest first."""
    return _entries(await connection.fetch(_BY_ACT, list(acts), limit))


async def entries_of(connection: asyncpg.Connection, dead_letter_id: str) -> list[AuditEntry]:
    """Return what was done to a dead letter, in order."""
    return _entries(await connection.fetch(_OF, dead_letter_id))


async def record(
    connection: asyncpg.Connection,
    ids: Sequence[str],
    *,
    who: str,
    act: str,
    reason: str | None,
    details: Mapping[str, object] | None = None,
) -> None:
    """Write down that somebody did this to these dead letters."""
    await connection.execute(_RECORD, who, act, reason, list(ids), json.dumps(details or {}))


async def record_intake(
    connection: asyncpg.Connection,
    system: str,
    *,
    who: str,
    act: str,
    reason: str | None,
    details: Mapping[str, object] | None = None,
) -> None:
    """Write down that somebody did this to a system's intake."""
    await connection.execute(_RECORD_INTAKE, who, act, reason, system, json.dumps(details or {}))


def _entries(rows: Sequence[asyncpg.Record]) -> list[AuditEntry]:
    return [AuditEntry(**{**row, "details": json.loads(row["details"])}) for row in rows]
