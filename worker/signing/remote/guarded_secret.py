"""A secret that the provider may lock after wrong tries: it is tried once, and never again after a refusal."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from worker.signing.port import SecretRefused, SigningFailed, Standing
from worker.signing.refused_secrets import secret_digest
from worker.signing.trying import renewed, reserve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from contextlib import AbstractAsyncContextManager

    from worker.signing.port import RefusedSecrets

PATIENCE = 10.0
PAUSE = 0.25
"""Seconds between two looks at whether another worker has ended its try."""
_BUSY = "another worker tries its {what} at this moment"
_REFUSED_BEFORE = (
    "the provider refused its {what} before, and Herald does not try it again; configure the right one, or, where the "
    "provider has corrected it, run `herald signers unblock`"
)
_IN_DOUBT = (
    "a worker ended, or lost the journal, while it tried its {what}, and Herald does not try it again, because it may "
    "be wrong; check it, then run `herald signers unblock`"
)


class Refusal(Exception):
    """Raised within `GuardedSecret.tried` where the provider refused the secret; the text is a plain sentence."""


@dataclass(slots=True, weakref_slot=True)
class Trial:
    """What a process knows of one secret at one place; signers that have both in common share it."""

    accepted: bool = False
    unnoted: bool = False
    """Whether a refusal is still to be written down, because the memory was unavailable."""
    one: asyncio.Lock = field(default_factory=asyncio.Lock)


class GuardedSecret:
    """One secret of one signer. ``place`` names the credential that it unlocks, ``what`` the kind of secret it is."""

    def __init__(
        self,
        secret: str,
        place: str,
        what: str,
        memory: RefusedSecrets,
        *,
        trial: Trial | None = None,
        patience: float = PATIENCE,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """``patience``: the longest wait for another worker's try, in seconds, as ``sleep`` waits them."""
        self._secret = secret
        self._what = what
        self._place = place
        self._memory = memory
        self._trial = trial or Trial()
        self._patience = patience
        self._sleep = sleep

    @asynccontextmanager
    async def tried(self) -> AsyncIterator[str]:
        """Give the secret for one try; the end of the block without an exception means that it was accepted.

        Of all workers one tries it at a time. Whoever makes a try and lives to see its answer lost may repeat it; a try
        that its worker did not end is repeated by nobody who does not know that the secret is right. Raises
        SecretRefused where it was refused before, and in place of a `Refusal`; SigningFailed where another worker tries
        it for a long time or did not end its try, and where the memory of refused secrets is unavailable.
        """
        trial = self._trial
        async with trial.one:
            reserved = None if trial.accepted else await self._reserved()
            try:
                async with self._renewed(reserved):
                    yield self._secret
            except Refusal as refusal:
                trial.accepted, trial.unnoted = False, True
                await self._note(reserved or await self._digest())
                raise SecretRefused(str(refusal)) from None
            except BaseException:
                await self._release(reserved)
                raise
            trial.accepted = True
            await self._release(reserved)

    async def note_interest(self) -> None:
        """Let the memory know that this signer has the secret, too: `herald signers unblock` goes by signers."""
        with suppress(SigningFailed):
            await self._memory.refused(await self._digest())

    async def _reserved(self) -> bytes:
        """Reserve the try, and return the secret's digest."""
        digest = await self._digest()
        if self._trial.unnoted:
            await self._note(digest)
        standing = await self._standing(digest)
        if standing is Standing.FREE:
            return digest
        if standing is Standing.REFUSED:
            raise SecretRefused(_REFUSED_BEFORE.format(what=self._what))
        if standing is Standing.DOUBTFUL:
            raise SigningFailed(_IN_DOUBT.format(what=self._what), transient=False)
        raise SigningFailed(_BUSY.format(what=self._what), transient=True)

    async def _standing(self, digest: bytes) -> Standing:
        """Reserve the try; of all workers that want to, the others wait for its end."""
        left = self._patience
        # Not known to be right: a secret that this worker knows to be right is used without a reservation.
        while (
            standing := await reserve(self._memory, digest, known_good=False)
        ) is Standing.BUSY and left > 0:
            await self._sleep(PAUSE)
            left -= PAUSE
        return standing

    def _renewed(self, reserved: bytes | None) -> AbstractAsyncContextManager[None]:
        return nullcontext() if reserved is None else renewed(self._memory, reserved, sleep=self._sleep)

    async def _release(self, reserved: bytes | None) -> None:
        if reserved is not None:
            await asyncio.shield(self._memory.release(reserved))

    async def _note(self, digest: bytes) -> None:
        await self._memory.note(digest)
        self._trial.unnoted = False

    async def _digest(self) -> bytes:
        return secret_digest(await self._memory.key(), self._secret.encode(), self._place)

    def __repr__(self) -> str:
        return f"GuardedSecret({self._place!r})"
