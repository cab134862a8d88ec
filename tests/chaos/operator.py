"""What an operator does during a run: let stopped senders go on, and unblock signers whose secret is in doubt."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import asyncpg

from tests.chaos.faults.wrong_pin import FAULTS
from tests.chaos.journal_looks import look_into
from tests.chaos.run_context import RunContext
from tests.chaos.signing import AT_PROVIDER, IN_TOKEN
from worker.admin.errors import ActFailed
from worker.admin.intake import resume_intake
from worker.admin.signer_unblocking import unblock_signer
from worker.settings.load import load

PAUSE = 4.0
"""Seconds that a stop stands, more or less: long enough for the others to go on meanwhile."""
_DRIVER = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
BROKEN_OFF_SECONDS = 12.0
"""A try that is not renewed for longer than a frozen worker sleeps has broken off."""
_BROKEN_OFF = """
select unnest(signers) as name from refused_secrets
where signers && $1::text[] and refused_at is null
and (trying_since = '-infinity' or trying_since < clock_timestamp() - make_interval(secs => $2))
"""


async def resume_stopped(context: RunContext) -> None:
    """Resume what is stopped, and note whose submissions waited, until cancelled."""
    settings = load(context.workers.config, {})
    while True:
        await asyncio.sleep(PAUSE)
        with suppress(ActFailed):  # PostgreSQL is unavailable in some faults
            ended = await resume_intake(settings, "nhis", who="chaos", reason="the run goes on")
            context.stopped.update(stop.stopped for stop in ended)


async def unblock_signers(context: RunContext) -> None:
    """Unblock signers whose secret is in doubt, as when a worker is killed while it tries it, until cancelled.

    A wrong PIN that a token or the provider has judged stays refused or in doubt.
    """
    settings = load(context.workers.config, {})
    while True:
        await asyncio.sleep(PAUSE)
        with suppress(ActFailed, OSError, *_DRIVER):
            wrong = [one.signer.name for one in FAULTS]
            async with asyncio.timeout(PAUSE):
                names = await _broken_off(context, [IN_TOKEN, AT_PROVIDER, *wrong])
            # Asked afterwards: a doubt from before the PIN was judged may end, and one that its judgement left may not.
            names -= {one.signer.name for one in FAULTS if await one.tries(context)}
            for name in names:
                await unblock_signer(settings, name, who="chaos", reason="the PIN is not the cause")


async def _broken_off(context: RunContext, names: list[str]) -> set[str]:
    async with look_into(context.installation.dsn) as connection:
        rows = await connection.fetch(_BROKEN_OFF, names, BROKEN_OFF_SECONDS)
    return {row["name"] for row in rows}
