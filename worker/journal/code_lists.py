"""The cached nomenclatures: kept in the journal's database, read into memory by each worker."""

from __future__ import annotations

import asyncio
import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from contracts.immutable import immutable
from worker.journal.connection import session
from worker.journal.encoding import object_json, storable, transposed
from worker.systems.port import CodeList

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    import asyncpg

    from worker.journal.settings import JournalSettings

_LOCK = "select pg_advisory_xact_lock(hashtextextended('herald code list ' || $1 || ' ' || $2, 0))"

_DELETE = "delete from code_lists where system = $1 and id = $2"

# A new row rather than an updated one, so that its version is a number never used before.
_INSERT_LIST = "insert into code_lists (system, id, name, fetched_at) values ($1, $2, $3, $4)"

_INSERT_ENTRIES = """
insert into code_entries (system, list_id, code, meta)
select $1, $2, t.code, t.meta::json from unnest($3::text[], $4::text[]) as t (code, meta)
"""

_OVERVIEW = """
select l.id, l.name, l.fetched_at, count(e.code) as codes
from code_lists l left join code_entries e on e.system = l.system and e.list_id = l.id
where l.system = $1 group by l.id, l.name, l.fetched_at order by l.id
"""

_VERSIONS = "select id, version from code_lists where system = $1"

_FETCHED = "select id, fetched_at from code_lists where system = $1"

# One statement, so that the lists and their entries are of one moment.
_LOAD = """
select l.id, l.version, l.name, l.fetched_at, e.code, e.meta
from code_lists l left join code_entries e on e.system = l.system and e.list_id = l.id
where l.system = $1 and l.id = any($2::text[])
order by l.id, e.code
"""


async def replace(connection: asyncpg.Connection, system: str, code_list: CodeList) -> None:
    """Put a list in the place of what was cached under its id, in one transaction."""
    entries = await asyncio.to_thread(_entries, code_list)
    async with connection.transaction():
        await connection.execute(_LOCK, system, code_list.id)
        await connection.execute(_DELETE, system, code_list.id)
        await connection.execute(
            _INSERT_LIST, system, code_list.id, storable(code_list.name), code_list.fetched_at
        )
        if code_list.codes:
            await connection.execute(_INSERT_ENTRIES, system, code_list.id, *entries)


def _entries(code_list: CodeList) -> list[tuple[Any, ...]]:
    """Return the codes and what is said of each, as columns. Of a large list in a thread: it takes a second."""
    return transposed([(storable(code), object_json(meta)) for code, meta in code_list.codes.items()])


async def load(connection: asyncpg.Connection, system: str) -> dict[str, CodeList]:
    """Return all cached lists of a system, by their ids."""
    versions = await _versions(connection, system)
    return {id_: code_list for id_, (_, code_list) in (await _load(connection, system, versions)).items()}


async def load_one(connection: asyncpg.Connection, system: str, list_id: str) -> CodeList | None:
    """Return one cached list; None where it was never fetched."""
    found = (await _load(connection, system, [list_id])).get(list_id)
    return found and found[1]


@immutable
class CachedList:
    """A cached list without its codes; ``codes`` is their number."""

    id: str
    name: str
    codes: int
    fetched_at: datetime


async def overview(connection: asyncpg.Connection, system: str) -> list[CachedList]:
    """Return the cached lists of a system, by id."""
    rows = await connection.fetch(_OVERVIEW, system)
    return [CachedList(row["id"], row["name"], row["codes"], row["fetched_at"]) for row in rows]


async def fetched(connection: asyncpg.Connection, system: str) -> dict[str, datetime]:
    """Return when each cached list of a system was fetched, by id."""
    return {row["id"]: row["fetched_at"] for row in await connection.fetch(_FETCHED, system)}


class CachedCodeLists:
    """Implements `systems.port.CodeLists` from memory; empty until the first `refresh`."""

    def __init__(self, settings: JournalSettings, system: str) -> None:
        self._settings = settings
        self._system = system
        self._lists: dict[str, tuple[int, CodeList]] = {}

    def get(self, list_id: str) -> CodeList | None:
        """Return the list, or None where it was never fetched."""
        known = self._lists.get(list_id)
        return known and known[1]

    async def refresh(self) -> None:
        """Read what changed since the last time: one small query where nothing did.

        Raises JournalUnavailable in an outage, keeping what is in memory.
        """
        async with session(self._settings, f"code lists {self._system}") as connection:
            versions = await _versions(connection, self._system)
            changed = [id_ for id_, version in versions.items() if self._version(id_) != version]
            fresh = await _load(connection, self._system, changed) if changed else {}
        kept = {id_: known for id_, known in self._lists.items() if id_ in versions}
        self._lists = {**kept, **fresh}

    def _version(self, list_id: str) -> int | None:
        known = self._lists.get(list_id)
        return known and known[0]


async def _versions(connection: asyncpg.Connection, system: str) -> dict[str, int]:
    return {row["id"]: row["version"] for row in await connection.fetch(_VERSIONS, system)}


async def _load(
    connection: asyncpg.Connection, system: str, list_ids: Collection[str]
) -> dict[str, tuple[int, CodeList]]:
    by_list: dict[str, list[asyncpg.Record]] = {}
    for row in await connection.fetch(_LOAD, system, list(list_ids)):
        by_list.setdefault(row["id"], []).append(row)
    # In a thread: a list of tens of thousands of codes would hold up the worker's submissions.
    return {
        id_: (rows[0]["version"], await asyncio.to_thread(_code_list, rows)) for id_, rows in by_list.items()
    }


def _code_list(rows: list[asyncpg.Record]) -> CodeList:
    first = rows[0]
    codes: Mapping[str, Mapping[str, str]] = {
        row["code"]: json.loads(row["meta"]) for row in rows if row["code"] is not None
    }
    return CodeList(first["id"], first["name"], first["fetched_at"], MappingProxyType(codes))
