"""Looking into the journal from outside, while faults take its server and its network away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg


@asynccontextmanager
async def look_into(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """Lend a connection. Its end waits for nobody: a server that never got the farewell would never confirm it."""
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        connection.terminate()
