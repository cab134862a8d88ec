"""What the journal's database says of itself: version, durability, tables, rights, connections, clock. Reads only."""

from __future__ import annotations

from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from contracts.immutable import immutable
from worker.journal import migrate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import asyncpg

    from worker.journal.migrate import MigrationState

_ALL = ("SELECT", "INSERT", "UPDATE", "DELETE")
_KEPT = ("SELECT", "INSERT", "UPDATE")
RIGHTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "workers": _ALL,
        "submissions": _ALL,
        "unaccepted": _ALL,
        "attempts": _ALL,
        "evidence": _ALL,
        "evidence_kept": _ALL,
        "evidence_default": ("SELECT", "DELETE"),
        "evidence_drops": ("SELECT",),
        "dead_letters": _ALL,
        "audit_log": ("SELECT", "INSERT"),
        "code_lists": ("SELECT", "INSERT", "DELETE"),
        "code_entries": ("SELECT", "INSERT"),
        "intake_stops": _ALL,
        "intake_positions": _KEPT,
        "intake_losses": _KEPT,
        "answered_records": ("SELECT", "INSERT", "DELETE"),
        "sender_stops": _ALL,
        "encryption_keys": ("SELECT", "INSERT", "DELETE"),
        "secret_digest_key": ("SELECT",),
        "refused_secrets": _ALL,
        "refusing_places": ("SELECT", "INSERT", "DELETE"),
        "accepted_secrets": _ALL,
        "waiting": _ALL,
        "notifications": _ALL,
        "watches": _KEPT,
        "submission_references": ("SELECT", "INSERT"),
        "files": _ALL,
        "file_contents": _ALL,
        "file_chunks": _ALL,
        "file_accesses": _ALL,
        "schema_versions": ("SELECT",),
    }
)
"""The rights on the journal's tables that workers and commands need; `herald journal migrate` needs to own them."""
FUNCTIONS = ("make_evidence_day(date)", "lock_evidence_day(date)", "drop_evidence_day(date)")
"""They need to execute these, which change tables as their owner."""

CONNECTIONS_OF_A_WORKER = 13
"""Of one worker at most: for writes, its lease, stops, positions, short reads, metrics, retention, code lists,
notifications with looks, two for files and one for removing them, and for moments what became of a PIN."""

# `reset_val` is what the server gives each new session; Herald's own sessions may have changed it.
_SERVER = """
select current_setting('server_version_num')::int as version,
       current_setting('server_version') as version_text,
       pg_is_in_recovery() as recovering,
       current_setting('default_transaction_read_only') = 'on' as read_only,
       current_setting('fsync') = 'on' as fsync,
       current_setting('full_page_writes') = 'on' as full_page_writes,
       (select reset_val from pg_settings where name = 'synchronous_commit') as synchronous_commit,
       current_setting('synchronous_standby_names') <> '' as has_standbys,
       inet_client_addr() is null or inet_client_addr() <<= '127.0.0.0/8' or inet_client_addr() = '::1' as local,
       coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false) as encrypted,
       pg_database_size(current_database()) as bytes,
       pg_backend_pid() as backend
"""
_CONNECTIONS = """
select (current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true), '0')::int) as allowed,
       (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as used,
       (select rolconnlimit from pg_roles where rolname = current_user) as of_role,
       (select count(*)::int from pg_stat_activity where usename = current_user) as used_by_role,
       (select datconnlimit from pg_database where datname = current_database()) as of_database,
       (select count(*)::int from pg_stat_activity where datname = current_database()) as used_in_database
"""
_LACKING = """
select name,
       array_agg(right_ order by right_) filter (where not has_table_privilege(to_regclass(name), right_)) as lacking
from unnest($1::text[], $2::text[]) as needed (name, right_)
where to_regclass(name) is not null group by name
"""


_NOT_EXECUTABLE = """
select name from unnest($1::text[]) as needed (name)
where to_regprocedure(name) is not null and not has_function_privilege(to_regprocedure(name), 'EXECUTE')
"""


@immutable
class ServerFacts:
    """The server, and this session on it. ``synchronous_commit`` is what the server gives to new sessions.

    ``pooled``: the process that serves the session is not the one that the server named when it was opened.
    """

    version: int
    version_text: str
    recovering: bool
    read_only: bool
    fsync: bool
    full_page_writes: bool
    synchronous_commit: str
    has_standbys: bool
    local: bool
    encrypted: bool
    bytes: int
    pooled: bool


@immutable
class ConnectionFacts:
    """How many further connections the server, the role and the database allow now; None: without a limit."""

    of_server: int
    of_role: int | None
    of_database: int | None

    @property
    def left(self) -> int:
        """The fewest of them."""
        return min(one for one in (self.of_server, self.of_role, self.of_database) if one is not None)


@immutable
class ClockFacts:
    """The server's time, and this machine's before and after it was asked for."""

    server: datetime
    before: datetime
    after: datetime


async def server_facts(connection: asyncpg.Connection) -> ServerFacts:
    """Ask the server about itself."""
    found = await _row(connection, _SERVER)
    pooled = found.pop("backend") != connection.get_server_pid()
    return ServerFacts(**found, pooled=pooled)


async def connection_facts(connection: asyncpg.Connection) -> ConnectionFacts:
    """Ask how many connections are left."""
    found = await _row(connection, _CONNECTIONS)
    return ConnectionFacts(
        found["allowed"] - found["used"],
        _left(found["of_role"], found["used_by_role"]),
        _left(found["of_database"], found["used_in_database"]),
    )


async def lacking_rights(connection: asyncpg.Connection) -> dict[str, tuple[str, ...]]:
    """Return the rights that this role lacks, by table or `function NAME`; nothing of what does not exist."""
    pairs = [(table, right) for table, rights in RIGHTS.items() for right in rights]
    rows = await connection.fetch(_LACKING, [table for table, _ in pairs], [right for _, right in pairs])
    tables = {row["name"]: tuple(row["lacking"]) for row in rows if row["lacking"]}
    closed = await connection.fetch(_NOT_EXECUTABLE, list(FUNCTIONS))
    return tables | {f"function {row['name']}": ("EXECUTE",) for row in closed}


async def migration_state(connection: asyncpg.Connection) -> MigrationState:
    """Return which migrations are missing. Raises SchemaOutdated where an applied one differs."""
    return await migrate.state(connection)


async def clock_facts(connection: asyncpg.Connection, now: Callable[[], datetime]) -> ClockFacts:
    """Ask for the server's time."""
    before = now()
    server = await connection.fetchval("select clock_timestamp()")
    return ClockFacts(server.astimezone(UTC), before, now())


async def keeps_sessions(one: asyncpg.Connection, other: asyncpg.Connection) -> bool:
    """Whether a session keeps what was set in it while another one works: a pooler's transaction mode does not."""
    await one.execute("select set_config('herald.preflight', 'kept', false)")
    async with other.transaction():
        await other.fetchval("select 1")
        return bool(await one.fetchval("select current_setting('herald.preflight', true)") == "kept")


async def _row(connection: asyncpg.Connection, query: str) -> dict[str, Any]:
    """Return the only row of a query that always has one."""
    (row,) = await connection.fetch(query)
    return dict(row)


def _left(limit: int, used: int) -> int | None:
    return None if limit < 0 else limit - used
