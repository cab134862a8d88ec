"""A file store in memory, for unit tests at the port."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from worker.file_store import CHUNK, FileDiffers, FileOwner, NewFile, NoSuchFile, StoredFile

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

STORED = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)


class FakeFileStore:
    """Implements `FileStore`. ``raises`` are raised by the next calls of `save` and `find`, in their order."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[StoredFile, bytes]] = {}
        self.raises: list[Exception] = []

    async def save(self, new: NewFile, chunks: AsyncIterator[bytes], *, uploaded: bool = False) -> StoredFile:
        """Keep a file."""
        self._raise()
        content = b"".join([chunk async for chunk in chunks])
        digest = hashlib.sha256(content).hexdigest()
        if new.sha256 not in (None, digest) or new.size not in (None, len(content)):
            raise FileDiffers
        expires = STORED + timedelta(days=7 if uploaded else 90)
        stored = StoredFile(
            new.id, new.owner, new.media_type, new.name, digest, len(content), STORED, expires
        )
        self.files[new.id] = stored, content
        return stored

    async def find(self, file_id: str) -> StoredFile | None:
        """Return what is known of a file."""
        self._raise()
        found = self.files.get(file_id)
        return None if found is None else found[0]

    async def read(self, file_id: str, *, start: int = 0) -> AsyncIterator[bytes]:
        """Yield the content."""
        if file_id not in self.files:
            raise NoSuchFile
        content = self.files[file_id][1]
        for place in range(start, len(content), CHUNK):
            yield content[place : place + CHUNK]

    async def give(self, file_id: str, owner: FileOwner) -> StoredFile:
        """Make a file the submission's."""
        found = await self.find(file_id)
        if found is None or found.owner.source != owner.source:
            raise NoSuchFile
        given = replace(found, owner=owner)
        self.files[file_id] = given, self.files[file_id][1]
        return given

    def _raise(self) -> None:
        if self.raises:
            raise self.raises.pop(0)
