"""Who fetched and uploaded which file over HTTP, in the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.journal.encoding import storable

if TYPE_CHECKING:
    from worker.files.connections import FileConnections

_BEGIN = "insert into file_accesses (file_id, act, who, source) values ($1, $2, $3, $4) returning id"
_END = "update file_accesses set bytes = $2, complete = $3 where id = $1"


class FileAccesses:
    """Implements `inbound.files.ports.FileAudit`."""

    def __init__(self, connections: FileConnections) -> None:
        self._connections = connections

    async def begin(self, file_id: str, act: str, who: str, source: str | None) -> int:
        """Note that a transfer begins."""
        row = file_id, act, storable(who), source and storable(source)
        return int(await self._connections.facts(lambda c: c.fetchval(_BEGIN, *row)))

    async def end(self, access: int, size: int, *, complete: bool) -> None:
        """Note how it ended."""
        await self._connections.facts(lambda c: c.execute(_END, access, size, complete))
