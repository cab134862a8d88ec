"""Bring the database's tables to what this version needs, and check that they are."""

from __future__ import annotations

import hashlib
from dataclasses import field
from importlib import resources

import asyncpg
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt

from contracts.immutable import immutable
from worker.journal.errors import SchemaOutdated

# Any fixed number: every Herald that migrates the same database takes this advisory lock first.
_LOCK = 0x48455241_4C44

_VERSIONS = """
create table if not exists schema_versions (
    version    integer     primary key,
    name       text        not null,
    checksum   text        not null,
    applied_at timestamptz not null default clock_timestamp()
)"""


@immutable
class Migration:
    """One file of `migrations/`, named `NNNN_what.sql`. ``checksum`` is SHA-256 of its bytes."""

    version: int
    name: str
    checksum: str
    sql: str = field(repr=False)


def migrations() -> list[Migration]:
    """Read the packaged migrations, in order."""
    folder = resources.files(__package__) / "migrations"
    files = [file for file in folder.iterdir() if file.name.endswith(".sql")]
    return sorted((_read(file.name, file.read_bytes()) for file in files), key=lambda one: one.version)


async def migrate(dsn: str) -> list[Migration]:
    """Apply what is missing and return it; a second run returns nothing. Concurrent runs take turns.

    Each migration is one transaction. Raises SchemaOutdated where an applied migration differs from its file,
    and what asyncpg raises where the server cannot be used.
    """
    connection = await asyncpg.connect(dsn)
    # A migration may be the victim of a deadlock with a worker.
    again = AsyncRetrying(
        retry=retry_if_exception_type(asyncpg.DeadlockDetectedError),
        stop=stop_after_attempt(10),
        reraise=True,
    )
    try:
        await connection.execute("select pg_advisory_lock($1)", _LOCK)
        await connection.execute(_VERSIONS)
        missing = _missing(await _applied(connection))
        for migration in missing:
            await again(_apply, connection, migration)
        return missing
    finally:
        await connection.close()


async def check(connection: asyncpg.Connection) -> None:
    """Raise SchemaOutdated unless every migration of this version was applied, unchanged.

    Later ones do no harm: they are written so that the version before can go on working during an update.
    """
    if missing := _missing(await _applied(connection)):
        names = ", ".join(migration.name for migration in missing)
        raise SchemaOutdated(f"The journal's tables lack {names}: run `herald journal migrate`.")


@immutable
class MigrationState:
    """Which migrations a database lacks, and which it has that this version does not know."""

    applied: int
    missing: tuple[str, ...]
    newer: tuple[str, ...]


async def state(connection: asyncpg.Connection) -> MigrationState:
    """Compare the database with this version's migrations. Raises SchemaOutdated where an applied one differs."""
    applied = await _applied(connection)
    known = {migration.version for migration in migrations()}
    newer = tuple(f"{version:04}" for version in sorted(applied) if version not in known)
    return MigrationState(len(applied), tuple(one.name for one in _missing(applied)), newer)


async def _applied(connection: asyncpg.Connection) -> dict[int, str]:
    if await connection.fetchval("select to_regclass('schema_versions')") is None:
        return {}
    rows = await connection.fetch("select version, checksum from schema_versions")
    return {row["version"]: row["checksum"] for row in rows}


def _missing(applied: dict[int, str]) -> list[Migration]:
    for migration in migrations():
        if applied.get(migration.version, migration.checksum) != migration.checksum:
            raise SchemaOutdated(
                f"The database's {migration.name} differs from this version's: these tables were created"
                " by a different build. Use the build that made them, or a new database."
            )
    return [migration for migration in migrations() if migration.version not in applied]


async def _apply(connection: asyncpg.Connection, migration: Migration) -> None:
    async with connection.transaction():
        await connection.execute(migration.sql)
        await connection.execute(
            "insert into schema_versions (version, name, checksum) values ($1, $2, $3)",
            migration.version,
            migration.name,
            migration.checksum,
        )


def _read(filename: str, content: bytes) -> Migration:
    number, _, _ = filename.partition("_")
    return Migration(
        int(number), filename.removesuffix(".sql"), hashlib.sha256(content).hexdigest(), content.decode()
    )
