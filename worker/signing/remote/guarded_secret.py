"""A secret that the provider may lock after wrong tries: it is tried once, and never again after a refusal."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from worker.signing.port import LEASE, SecretRefused, SigningFailed, Standing
from worker.signing.refused_secrets import secret_digest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from worker.signing.port import RefusedSecrets

ASIDE = 30.0
"""Seconds that a try may take beside its requests, such as for another worker's try of the client's secret."""
PATIENCE = 10.0
PAUSE = 0.25
"""Seconds between two looks at whether another worker has ended its try."""
_BUSY = "another worker tries its {what} at this moment"
_REFUSED_BEFORE = (
    "the provider refused its {what} before, and Herald does not try it again; configure the right one, or, where the "
    "provider has corrected it, run `herald signers unblock`"
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
        longest: float = LEASE,
        patience: float = PATIENCE,
    ) -> None:
        """``longest``: what no try takes, in seconds. ``patience``: the longest wait for another worker's try."""
        self._secret = secret
        self._what = what
        self._place = place
        self._memory = memory
        self._trial = trial or Trial()
        self._longest = longest
        self._patience = patience

    @asynccontextmanager
    async def tried(self) -> AsyncIterator[str]:
        """Give the secret for one try; the end of the block without an exception means that it was accepted.

        Of all workers one tries it at a time. A try whose end is not known, as its answer was lost, may be repeated.
        Raises SecretRefused where it was refused before, and in place of a `Refusal`; SigningFailed where another
        worker tries it for a long time, and where the memory of refused secrets is unavailable.
        """
        trial = self._trial
        async with trial.one:
            reserved = None if trial.accepted else await self._reserved()
            try:
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
        raise SigningFailed(_BUSY.format(what=self._what), transient=True)

    async def _standing(self, digest: bytes) -> Standing:
        """Reserve the try; of all workers that want to, the others wait for its end."""
        left = self._patience
        while (standing := await self._reserve(digest)) is Standing.BUSY and left > 0:
            await asyncio.sleep(PAUSE)
            left -= PAUSE
        return standing

    async def _reserve(self, digest: bytes) -> Standing:
        return await self._memory.reserve(digest, known_good=True, lease=self._longest)

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
