"""How commands reach the journal: one connection for the command's work, and a sentence for what goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

from worker.cli.output import fail
from worker.journal.errors import JournalFault, JournalUnavailable
from worker.journal.link import session
from worker.journal.settings import JournalSettings

T = TypeVar("T")
TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"]
"""The forms of a time in an option."""


def ask(settings: JournalSettings, question: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
    """Return what the journal says, or end the command with why it says nothing."""

    async def asked() -> T:
        async with session(settings, "command line") as connection:
            return await question(connection)

    try:
        return asyncio.run(asked())
    except (JournalUnavailable, JournalFault) as error:
        fail(str(error))
    except asyncpg.UndefinedTableError:
        fail("The journal has no tables yet: run `herald journal migrate`.")
