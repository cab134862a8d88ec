"""The reservation of a secret's only try: renewed while the try runs, and never left behind by a question cut short."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from worker.cancelling import cancel
from worker.signing.port import LEASE, SigningFailed, Standing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from worker.signing.port import Proof, RefusedSecrets

RENEWALS_PER_LEASE = 3
RETRIES_PER_LEASE = 15
MAY_BE_TRIED = (Standing.FREE, Standing.AGAIN)
"""The standings of a try that is reserved."""


async def reserve(memory: RefusedSecrets, digest: bytes, proof: Proof) -> Standing:
    """Ask for the only try, as `RefusedSecrets.reserve`. Who is cancelled meanwhile keeps nothing reserved."""
    asking = asyncio.ensure_future(memory.reserve(digest, known_good=False, proof=proof))
    try:
        return await asyncio.shield(asking)
    except asyncio.CancelledError:
        with suppress(SigningFailed):
            if await asking in MAY_BE_TRIED:
                await memory.release(digest)
        raise


@asynccontextmanager
async def renewed(
    memory: RefusedSecrets, digest: bytes, *, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
) -> AsyncIterator[None]:
    """Keep the reservation of a try for as long as the block runs.

    Nothing ends the try where that fails, as the secret is on its way already: its result is to be written down all
    the same. Until then the others take the try for broken off.
    """
    renewing = asyncio.create_task(_renew(memory, digest, sleep), name="renewing the reservation of a secret")
    try:
        yield
    finally:
        await cancel([renewing])


async def _renew(memory: RefusedSecrets, digest: bytes, sleep: Callable[[float], Awaitable[object]]) -> None:
    """Renew it until cancelled, or until it is another's."""
    often, seldom = LEASE / RETRIES_PER_LEASE, LEASE / RENEWALS_PER_LEASE
    pause = seldom
    while True:
        await sleep(pause)
        try:
            # A database that does not answer must not use up the whole lease.
            async with asyncio.timeout(seldom):
                if not await memory.renew(digest):
                    return
            pause = seldom
        except (SigningFailed, TimeoutError):
            pause = often
