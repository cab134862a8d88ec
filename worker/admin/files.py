"""What operators see of files: which there are, whose, until when, and who fetched them. Never their bytes."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.admin.connection import connected
from worker.admin.errors import ActFailed
from worker.journal.errors import CannotDecrypt
from worker.journal.sealed_files import opened_name
from worker.journal.sealed_values import vault_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import asyncpg

    from worker.journal.settings import JournalSettings

_COLUMNS = """
f.id::text as id, f.system, f.source, f.submission_id, f.uploaded, f.media_type, f.name,
encode(f.sha256, 'hex') as sha256,
f.size, c.backend, f.stored_at, f.expires_at, f.removed_at
"""
_FROM = "from files f left join file_contents c on c.id = f.content"
_LIST = f"""
select {_COLUMNS} {_FROM}
where ($1::text is null or f.submission_id = $1) and ($2::text is null or f.source = $2)
order by f.stored_at desc, f.id limit $3
"""
_SHOW = f"select {_COLUMNS} {_FROM} where f.id::text = $1"
_ACCESSES = (
    "select at, act, who, source, bytes, complete from file_accesses where file_id::text = $1 order by id"
)


@immutable
class FileRow:
    """One file. ``backend`` is None once its content is gone."""

    id: str
    system: str
    source: str | None
    submission_id: str | None
    uploaded: bool
    media_type: str
    name: str | None = field(repr=False)
    sha256: str
    size: int
    backend: str | None
    stored_at: datetime
    expires_at: datetime
    removed_at: datetime | None


@immutable
class FileAccess:
    """Somebody fetched or uploaded it. ``bytes``: how many, where it ended."""

    at: datetime
    act: str
    who: str
    source: str | None
    bytes: int
    complete: bool


async def list_files(
    journal: JournalSettings, *, submission: str | None, source: str | None, limit: int
) -> Sequence[FileRow]:
    """Return files, the newest first. Raises ActFailed."""
    async with connected(journal, "files") as connection:
        rows = await connection.fetch(_LIST, submission, source, limit)
        return [_row(connection, row) for row in rows]


async def show_file(journal: JournalSettings, file_id: str) -> tuple[FileRow, Sequence[FileAccess]]:
    """Return a file, and who fetched or uploaded it. Raises ActFailed."""
    async with connected(journal, "files") as connection:
        row = await connection.fetchrow(_SHOW, file_id)
        if row is None:
            raise ActFailed(f"The journal has no file {file_id}.")
        accesses = [FileAccess(**one) for one in await connection.fetch(_ACCESSES, file_id)]
        return _row(connection, row), accesses


def _row(connection: asyncpg.Connection, row: asyncpg.Record) -> FileRow:
    try:
        name = opened_name(vault_of(connection), row["id"], row["name"])
    except CannotDecrypt:
        name = None
    return FileRow(**{**row, "name": name})
