"""The port of the file store (claim check): bytes that are too large for Kafka, kept under an id until they expire.

Enterprise integration calls the pattern a claim check: an event carries a reference (`contracts.files.FileReference`),
and whoever may read the event fetches the bytes by it.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Protocol

from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

CHUNK = 256 * 1024
"""The largest piece, in bytes, in which a store hands a file out: one file must not fill a worker's memory."""


class FileTooLarge(Exception):
    """The file has more bytes than the store takes. ``limit`` is in bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the file has more than {limit} bytes")
        self.limit = limit


class FileDiffers(Exception):
    """What was written has another SHA-256 or size than was stated; nothing was kept."""


class NoSuchFile(Exception):
    """The store has no file of this id, or no longer has its content: it expired, or was erased."""


class FileStoreOutage(Exception):
    """The store is unavailable at present. The text names no file and no secret."""


class FileStoreRefused(FileStoreOutage):
    """The store refuses Herald until an operator acts: its credentials are wrong, or its bucket is absent."""


@immutable
class FileOwner:
    """Whose file it is: retention and erasure follow the submission's, and only readers of the source may fetch it.

    ``submission_id`` is None for an upload that no event has referred to yet, and for a notification that belongs to
    no submission. ``system`` is the national system that it concerns.
    """

    system: str
    source: str | None
    submission_id: str | None = None


@immutable
class NewFile:
    """What is known of a file before it is written.

    ``id`` is chosen by the caller: an id that is derived from the submission makes writing idempotent. ``sha256`` (hex,
    lower case) and ``size`` (bytes) are what the content must have, where that is known.
    """

    id: str
    owner: FileOwner
    media_type: str
    name: str | None = field(default=None, repr=False)
    sha256: str | None = None
    size: int | None = None


@immutable
class StoredFile:
    """A file whose content is durable. Times are UTC; ``sha256`` is hex in lower case, ``size`` in bytes."""

    id: str
    owner: FileOwner
    media_type: str
    name: str | None = field(repr=False)
    sha256: str
    size: int
    stored_at: datetime
    expires_at: datetime


class FileStore(Protocol):
    """Keeps files. Nothing of a file is visible before all of it is durable."""

    async def save(self, new: NewFile, chunks: AsyncIterator[bytes]) -> StoredFile:
        """Write a file. Idempotent: a file of this id with the same content stays; other content replaces it.

        What is saved for a submission or a notification is removed after a day unless its reply or the notification
        refers to it. Raises FileTooLarge, FileDiffers, FileStoreOutage, and what ``chunks`` raises; then nothing was
        kept.
        """

    async def find(self, file_id: str) -> StoredFile | None:
        """Return what is known of a file whose content is there, else None. Raises FileStoreOutage."""

    def read(self, file_id: str, *, start: int = 0) -> AsyncIterator[bytes]:
        """Return the content from a byte on, in pieces of at most `CHUNK`. Raises NoSuchFile, FileStoreOutage."""

    async def give(self, file_id: str, owner: FileOwner) -> StoredFile:
        """Make an uploaded file the submission's, once an event refers to it. Idempotent.

        Raises NoSuchFile, also where the file is another source's, and FileStoreOutage.
        """
