"""A gate in a database: whoever comes to one kind of row change waits there, until the test ends it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from tests.support.worker.installation import eventually

_LOCK = 4711


class Gate:
    """A trigger that waits for an advisory lock which the test holds: its transaction goes no further."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def reached(self) -> None:
        """Wait until somebody waits at the gate."""
        await eventually(self._waiting, bool)

    async def turn_away(self) -> None:
        """End the connections of those who wait, as the server does in the end for a process that is gone."""
        await self._connection.execute(
            "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and not granted"
            " and database = (select oid from pg_database where datname = current_database())"
        )
        await eventually(self._waiting, lambda waiting: not waiting)

    async def _waiting(self) -> int:
        found: int = await self._connection.fetchval(
            "select count(*) from pg_locks where locktype = 'advisory' and not granted"
            " and database = (select oid from pg_database where datname = current_database())"
        )
        return found


@asynccontextmanager
async def gate(dsn: str, before: str, table: str, when: str) -> AsyncIterator[Gate]:
    """Keep a gate before changes of a table's rows (``before``: insert, update or delete) that fit a condition."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(f"select pg_advisory_lock({_LOCK})")
        await connection.execute(
            "create function at_the_gate() returns trigger language plpgsql as"
            f" $$ begin perform pg_advisory_xact_lock({_LOCK}); return coalesce(new, old); end $$"
        )
        await connection.execute(
            f"create trigger gate before {before} on {table} for each row when ({when})"
            " execute function at_the_gate()"
        )
        yield Gate(connection)
        await connection.execute("drop function at_the_gate cascade")
    finally:
        await connection.close()
