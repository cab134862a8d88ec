"""One worker of several does what only one should: the one whose session holds an advisory lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncpg

# A session may take the same lock several times: it is asked for only where this session does not hold it yet.
_LEAD = """
select case when exists (
    select from pg_locks
    where locktype = 'advisory' and pid = pg_backend_pid() and granted
      and database = (select oid from pg_database where datname = current_database())
      and classid::bigint = $1::bigint >> 32 and objid::bigint = $1::bigint & 4294967295 and objsubid = 1
) then true else pg_try_advisory_lock($1) end
"""


async def leads(connection: asyncpg.Connection, lock: int) -> bool:
    """Return whether this connection leads; it does until it ends, also where its process dies.

    ``lock``: any fixed number of at most 63 bits. Needs a session of its own, as poolers give it in session mode.
    """
    return bool(await connection.fetchval(_LEAD, lock))
