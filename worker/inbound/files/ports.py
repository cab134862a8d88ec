"""What serving files needs from the outside: the store, and an audit of who fetched and uploaded what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from worker.file_store import NewFile, StoredFile


class ServedFiles(Protocol):
    """The store; see `worker.file_store`. Every method raises FileStoreOutage in an outage."""

    max_bytes: int

    async def look(self, file_id: str) -> tuple[StoredFile, bool] | None:
        """Return what is known of a file, and whether its content is there; None of one that was never kept."""

    def read(self, file_id: str, *, start: int = 0) -> AsyncIterator[bytes]:
        """Return the content from a byte on. Raises NoSuchFile."""

    async def save(self, new: NewFile, chunks: AsyncIterator[bytes], *, uploaded: bool = False) -> StoredFile:
        """Write a file. Raises FileTooLarge, FileDiffers, and what ``chunks`` raises."""


class FileAudit(Protocol):
    """Who fetched and uploaded which file. Raises FileStoreOutage: what cannot be audited is not served."""

    async def begin(self, file_id: str, act: str, who: str, source: str | None) -> int:
        """Note that it begins; ``act`` is `fetch` or `upload`."""

    async def end(self, access: int, size: int, *, complete: bool) -> None:
        """Note how it ended, and after how many bytes."""
