"""Bodies of requests that go to a file part by part, because they may be too large for memory."""

from __future__ import annotations

import tempfile
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

_PART = 64 * 1024


@dataclass(frozen=True, slots=True)
class Spool:
    """Takes the bodies of some addresses into files of a directory, each up to `max_bytes`."""

    directory: Path
    takes: Callable[[str, str], bool]
    """Whether the body of a request with this method and path goes to a file."""
    max_bytes: int

    @asynccontextmanager
    async def taken(self, http: web.Request) -> AsyncIterator[Path]:
        """Give the file with the request's body, for as long as the request is served. Raises HTTPException (413)."""
        with tempfile.NamedTemporaryFile(dir=self.directory) as file:
            size = 0
            async for part in http.content.iter_chunked(_PART):
                size += len(part)
                if size > self.max_bytes:
                    raise web.HTTPRequestEntityTooLarge(max_size=self.max_bytes, actual_size=size)
                file.write(part)
            file.flush()
            yield Path(file.name)
