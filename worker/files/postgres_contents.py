"""The bytes of files in the journal's database: a row a piece, each written and read by a statement of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.file_store import NoSuchFile

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from worker.files.connections import FileConnections

# A statement that is carried out after its connection was lost writes the same row once more.
_WRITE = """
insert into file_chunks (content, number, body) values ($1, $2, $3)
on conflict (content, number) do update set body = excluded.body
"""
_READ = "select body from file_chunks where content = $1 and number = $2"
_REMOVE = """
delete from file_chunks
where content = $1 and number < (select min(number) + $2 from file_chunks where content = $1)
"""
_AT_ONCE = 64
"""Pieces that one statement deletes."""


class PostgresContents:
    """Implements `Contents`."""

    backend = "postgres"

    def __init__(self, connections: FileConnections) -> None:
        self._connections = connections

    def location_of(self, content: str) -> str:
        """Return the id itself."""
        return content

    async def write(self, location: str, pieces: AsyncIterator[bytes]) -> None:
        """Write the pieces; the row in `file_contents` must be there."""
        number = 0
        async for piece in pieces:
            row = location, number, piece
            await self._connections.bytes(lambda c, row=row: c.execute(_WRITE, *row))  # type: ignore[misc]
            number += 1

    async def read(self, location: str, first: int, count: int) -> AsyncIterator[bytes]:
        """Yield pieces."""
        for number in range(first, first + count):
            place = location, number
            body = await self._connections.bytes(lambda c, place=place: c.fetchval(_READ, *place))  # type: ignore[misc]
            if body is None:
                raise NoSuchFile("the file's content was removed")
            yield body

    async def remove(self, location: str) -> None:
        """Delete the pieces, some in each statement."""
        while await self._connections.bytes(lambda c: c.execute(_REMOVE, location, _AT_ONCE)) != "DELETE 0":
            pass

    async def probe(self) -> None:
        """Try whether the table can be read; the journal's own checks say more."""
        await self._connections.bytes(lambda c: c.fetchval("select exists (select from file_chunks)"))

    async def close(self) -> None:
        """Close nothing: the connections are the store's."""
