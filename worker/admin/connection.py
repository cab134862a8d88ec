"""How an act reaches the journal: one connection for its work, and a sentence for the operator where that fails."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg

from worker.admin.errors import ActFailed
from worker.admin.sentences import ended
from worker.journal import encryption_keys
from worker.journal.connection import session
from worker.journal.errors import (
    DRIVER_ERRORS,
    EncryptionNotReady,
    JournalFault,
    JournalUnavailable,
    sentence,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from worker.journal.connection import JournalConnection
    from worker.journal.settings import JournalSettings

LACKS_TABLES = "The journal lacks tables that this version needs: run `herald journal migrate`."


@asynccontextmanager
async def connected(
    settings: JournalSettings, name: str, *, then: str = ""
) -> AsyncIterator[asyncpg.Connection]:
    """Lend a connection; ``name`` is for the server's activity view.

    Raises ActFailed where the journal cannot be used. ``then`` is added to its text: what an operator does next.
    """
    try:
        async with session(settings, name) as connection:
            await _with_keys(connection)
            yield connection
    except (JournalUnavailable, JournalFault, EncryptionNotReady) as error:
        told = ended(str(error))
        raise ActFailed(f"{told} {then}" if then else told) from None
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError):
        raise ActFailed(LACKS_TABLES) from None
    except asyncpg.InsufficientPrivilegeError as error:  # whose text names the table, and no data
        raise ActFailed(f"PostgreSQL does not let this user do that: {error.args[0]}.") from None
    except DRIVER_ERRORS as error:
        raise ActFailed(f"The journal could not be used: {sentence(error)}.") from None


async def _with_keys(connection: JournalConnection) -> None:
    """Check the keys. Workers begin to encrypt with a key, not commands: they see to it that all workers can read."""
    if connection.vault.active not in await encryption_keys.check(connection, connection.vault):
        connection.vault = connection.vault.without_active()
