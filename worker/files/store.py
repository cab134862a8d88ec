"""The file store: what is known of files in the journal's tables, their bytes where the settings want them."""

from __future__ import annotations

import asyncio
import os
import uuid
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.file_store import CHUNK, FileOwner, FileStoreOutage, NoSuchFile, StoredFile
from worker.files import sql
from worker.files.accesses import FileAccesses
from worker.files.cipher import KEY_BYTES, ContentCipher, Damaged, pieces_of
from worker.files.pieces import Measured, in_pieces
from worker.journal.encoding import storable
from worker.journal.errors import CannotDecrypt
from worker.journal.sealed_files import opened_key, opened_name, sealed_key, sealed_name

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from datetime import datetime

    import asyncpg

    from worker.file_store import NewFile
    from worker.files.connections import FileConnections
    from worker.files.contents import Contents
    from worker.journal.vault import Vault

ORPHAN = timedelta(days=1)
"""For how long a file is kept that no reply, notification or event refers to."""


@immutable
class Terms:
    """How large files may be (bytes), how long they are kept, and how many are written at once."""

    max_bytes: int
    keep: timedelta
    keep_uploads: timedelta
    transfers: int


class JournalFileStore:
    """Implements `file_store.FileStore`. ``backends`` by name; the first of them takes what is written."""

    def __init__(
        self,
        connections: FileConnections,
        backends: Mapping[str, Contents],
        vault: Vault,
        terms: Terms,
        now: Callable[[], datetime],
    ) -> None:
        self._connections = connections
        self.backends = backends
        """By name."""
        self._written_to = next(iter(backends.values()))
        self._vault = vault
        self._terms = terms
        self._now = now
        self._places = asyncio.Semaphore(terms.transfers)
        self.max_bytes = terms.max_bytes
        """The largest file that it takes."""
        self.accesses = FileAccesses(connections)
        """Who fetched and uploaded what."""

    async def save(self, new: NewFile, chunks: AsyncIterator[bytes], *, uploaded: bool = False) -> StoredFile:
        """Write a file. ``uploaded``: a HIS sent it, and an event is to refer to it."""
        async with self._places:
            if (known := await self._same(new)) is not None:
                return known
            content = str(uuid.uuid4())
            key = os.urandom(KEY_BYTES)
            location = self._written_to.location_of(content)
            await self._begin(content, location, key)
            try:
                measured = Measured(self._terms.max_bytes)
                pieces = measured.passed(in_pieces(chunks))
                await self._written_to.write(location, ContentCipher(key, content).sealed(pieces))
                measured.check(new)
                return await self._keep(new, content, measured, uploaded=uploaded)
            except Exception:
                # At the latest it is collected tomorrow.
                with suppress(FileStoreOutage):
                    await self._connections.facts(lambda c: c.execute(sql.ABANDON, content))
                raise

    async def find(self, file_id: str) -> StoredFile | None:
        """Return what is known of a file whose content is there."""
        row = await self._connections.facts(lambda c: c.fetchrow(sql.FIND, file_id))
        return None if row is None else self._stored(row)

    async def look(self, file_id: str) -> tuple[StoredFile, bool] | None:
        """Return what is known of a file, and whether its content is there; None of one that was never kept."""
        row = await self._connections.facts(lambda c: c.fetchrow(sql.LOOK, file_id))
        return None if row is None else (self._stored(row), row["removed_at"] is None)

    async def read(self, file_id: str, *, start: int = 0) -> AsyncIterator[bytes]:
        """Yield the content from a byte on."""
        row = await self._connections.facts(lambda c: c.fetchrow(sql.WHERE, file_id))
        if row is None or row["data_key"] is None:
            raise NoSuchFile("the store has no such file")
        content = str(row["id"])
        cipher = ContentCipher(self._key(content, row["data_key"]), content)
        first, within = divmod(start, CHUNK)
        pieces = self._backend(row["backend"]).read(row["location"], first, pieces_of(row["size"]) - first)
        number = first
        async for piece in pieces:
            plain = _opened(cipher, number, piece)
            yield plain[within:] if number == first else plain
            number += 1

    async def give(self, file_id: str, owner: FileOwner) -> StoredFile:
        """Make an uploaded file the submission's."""
        until = self._now() + self._terms.keep

        async def give(connection: asyncpg.Connection) -> asyncpg.Record | None:
            async with connection.transaction():
                row = await connection.fetchrow(sql.LOCKED, file_id)
                if row is None or row["removed_at"] is not None or row["source"] != owner.source:
                    return None
                return await connection.fetchrow(
                    sql.GIVE,
                    file_id,
                    owner.submission_id and storable(owner.submission_id),
                    owner.system,
                    until,
                )

        row = await self._connections.facts(give)
        if row is None:
            raise NoSuchFile("the store has no such file of this source")
        return self._stored(row)

    async def probe(self) -> None:
        """Try whether files can be written, read and deleted. Raises FileStoreOutage, FileStoreRefused."""
        await self._written_to.probe()

    async def close(self) -> None:
        """Release connections."""
        for backend in self.backends.values():
            await backend.close()
        await self._connections.close()

    async def _same(self, new: NewFile) -> StoredFile | None:
        """Return the file where its id and its digest are known: nothing is to be written then."""
        known = None if new.sha256 is None else await self.find(new.id)
        return known if known is not None and known.sha256 == new.sha256 else None

    async def _begin(self, content: str, location: str, key: bytes) -> None:
        row = content, self._written_to.backend, location, sealed_key(self._vault, content, key)
        await self._connections.facts(lambda c: c.execute(sql.BEGIN, *row))

    async def _keep(self, new: NewFile, content: str, measured: Measured, *, uploaded: bool) -> StoredFile:
        """Make the file visible, or keep the one that is there where it has the same bytes."""
        values = self._values(new, content, measured, uploaded=uploaded)
        row = await self._connections.facts(
            partial(_keep, new=new, content=content, measured=measured, values=values)
        )
        return self._stored(row)

    def _values(
        self, new: NewFile, content: str, measured: Measured, *, uploaded: bool
    ) -> tuple[object, ...]:
        at, owner = self._now(), new.owner
        until = at + (self._terms.keep_uploads if uploaded else self._terms.keep)
        return (
            new.id,
            owner.system,
            owner.source and storable(owner.source),
            owner.submission_id and storable(owner.submission_id),
            uploaded,
            storable(new.media_type),
            sealed_name(self._vault, new.id, new.name),
            measured.sha256,
            measured.size,
            content,
            at,
            until,
            until if uploaded else at + ORPHAN,
        )

    def _key(self, content: str, stored: bytes) -> bytes:
        try:
            return opened_key(self._vault, content, stored)
        except CannotDecrypt as error:
            raise FileStoreOutage(str(error)) from None

    def _backend(self, name: str) -> Contents:
        backend = self.backends.get(name)
        if backend is None:
            raise FileStoreOutage(
                f"the file lies in the backend {name}, which the settings no longer describe"
            )
        return backend

    def _stored(self, row: asyncpg.Record) -> StoredFile:
        file_id = str(row["id"])
        try:
            name = opened_name(self._vault, file_id, row["name"])
        except CannotDecrypt as error:
            raise FileStoreOutage(str(error)) from None
        return StoredFile(
            id=file_id,
            owner=FileOwner(row["system"], row["source"], row["submission_id"]),
            media_type=row["media_type"],
            name=name,
            sha256=row["sha256"].hex(),
            size=row["size"],
            stored_at=row["stored_at"],
            expires_at=row["expires_at"],
        )


async def _keep(
    connection: asyncpg.Connection,
    *,
    new: NewFile,
    content: str,
    measured: Measured,
    values: tuple[object, ...],
) -> asyncpg.Record:
    async with connection.transaction():
        await connection.execute(sql.TURN, new.id)
        row = await connection.fetchrow(sql.LOCKED, new.id)
        there = row is not None and row["removed_at"] is None
        if row is not None and there and (row["sha256"], row["size"]) == (measured.sha256, measured.size):
            if str(row["content"]) != content:
                await connection.execute(sql.DETACH, content)
            return row
        (kept,) = await connection.fetch(sql.KEEP, *values)
        await connection.execute(sql.ATTACH, content)
        if row is not None and there:
            await connection.execute(sql.DETACH, row["content"])
        return kept


def _opened(cipher: ContentCipher, number: int, piece: bytes) -> bytes:
    try:
        return cipher.open(number, piece)
    except Damaged as error:
        raise FileStoreOutage(str(error)) from None
