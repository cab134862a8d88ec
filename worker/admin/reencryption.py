"""Encrypt with the active key what another key encrypted, or none: after that, the other key may go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts.immutable import immutable
from worker.admin import reencryption_sql
from worker.admin.connection import connected
from worker.admin.errors import ActFailed
from worker.journal.sealed_values import vault_of

if TYPE_CHECKING:
    import asyncpg

    from worker.journal.settings import JournalSettings


@immutable
class Reencrypted:
    """How many rows were encrypted anew; how many could not be read, and stay; which keys the journal needs no more."""

    changed: int
    unreadable: int
    released: tuple[str, ...]


async def reencrypt(journal: JournalSettings) -> Reencrypted:
    """Encrypt all that the active key did not encrypt, batch by batch, while workers run. Raises ActFailed.

    A key is released only where a second look finds nothing more: workers that still encrypt with it are noticed.
    """
    async with connected(journal, "encryption") as connection:
        active = vault_of(connection).active
        if active is None:
            raise ActFailed(
                "No key is active: set journal.encryption.active_key, and start a worker with it first."
            )
        changed, unreadable = await _pass(connection)
        again, _ = await _pass(connection)
        released: tuple[str, ...] = ()
        if not again and not unreadable:
            released = await reencryption_sql.release_others(connection, active)
    return Reencrypted(changed + again, unreadable, released)


async def _pass(connection: asyncpg.Connection) -> tuple[int, int]:
    changed = unreadable = 0
    for table in reencryption_sql.TABLES:
        behind: tuple[Any, ...] | None = table.first
        while behind is not None:
            async with connection.transaction():
                behind, more, failed = await reencryption_sql.batch(connection, table, behind)
            changed, unreadable = changed + more, unreadable + failed
    return changed, unreadable
