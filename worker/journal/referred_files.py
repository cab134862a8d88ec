"""Files that a reply or a notification refers to: noted in the transaction that keeps it, so that none is an orphan."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import asyncpg

_REFERRED = """
update files f set collect_at = f.expires_at
from unnest($1::text[]) as t (id) where f.id = t.id::uuid and f.removed_at is null
"""


async def note_referred(connection: asyncpg.Connection, ids: Sequence[str]) -> None:
    """Keep these files for as long as they state, and not only for the day in which something must refer to them."""
    if ids:
        # In one order always, so that two transactions never wait for each other.
        await connection.execute(_REFERRED, sorted(ids))
