"""A file store whose files are made as they are read and digested as they are written: none is ever in memory."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from worker.file_store import CHUNK, FileOwner, NewFile, NoSuchFile, StoredFile

AT = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
OWNER = FileOwner("scripted", "https://hospital.example/his")
_PIECE = bytes(range(256)) * (CHUNK // 256)


def content(size: int) -> bytes:
    """Return the bytes of a file of this size."""
    return (_PIECE * (size // CHUNK + 1))[:size]


class LargeFiles:
    """``sizes`` by id are the files that are there; ``raises`` is what the next call raises."""

    def __init__(self, sizes: dict[str, int] | None = None) -> None:
        self.sizes = dict(sizes or {})
        self.digests: dict[str, str] = {}
        self.raises: Exception | None = None

    async def find(self, file_id: str) -> StoredFile | None:
        if self.raises is not None:
            raise self.raises
        if (size := self.sizes.get(file_id)) is None:
            return None
        digest = self.digests.get(file_id, "")
        return StoredFile(file_id, OWNER, "application/pdf", None, digest, size, AT, AT)

    async def read(self, file_id: str, *, start: int = 0) -> AsyncIterator[bytes]:
        if file_id not in self.sizes:
            raise NoSuchFile
        left = self.sizes[file_id] - start
        while left > 0:
            yield _PIECE[:left]
            left -= CHUNK

    async def save(self, new: NewFile, chunks: AsyncIterator[bytes]) -> StoredFile:
        digest, size = hashlib.sha256(), 0
        async for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
        if self.raises is not None:
            raise self.raises
        self.sizes[new.id], self.digests[new.id] = size, digest.hexdigest()
        return StoredFile(new.id, new.owner, new.media_type, new.name, digest.hexdigest(), size, AT, AT)

    async def give(self, file_id: str, owner: FileOwner) -> StoredFile:
        raise NotImplementedError
