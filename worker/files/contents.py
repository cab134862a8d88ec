"""The port behind which the bytes of files lie: the journal's database, or object storage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Contents(Protocol):
    """Keeps contents, each written once as a whole at a location of its own, in encrypted pieces (see `cipher`).

    Every method raises FileStoreOutage while the store is unavailable, and FileStoreRefused where an operator must act.
    """

    backend: str
    """Its name in the table `file_contents`."""

    def location_of(self, content: str) -> str:
        """Return where a content with this id is to be written."""

    async def write(self, location: str, pieces: AsyncIterator[bytes]) -> None:
        """Write all pieces, and return when they are durable. What ``pieces`` raises passes; a part may stay behind."""

    def read(self, location: str, first: int, count: int) -> AsyncIterator[bytes]:
        """Return this many pieces, from number ``first`` on. Raises NoSuchFile where one is absent."""

    async def remove(self, location: str) -> None:
        """Delete what there is of a content. Idempotent."""

    async def probe(self) -> None:
        """Try whether bytes can be written, read and deleted."""

    async def close(self) -> None:
        """Release connections."""
