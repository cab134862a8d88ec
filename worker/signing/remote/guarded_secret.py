"""A secret that the provider may lock after wrong tries: it is tried once, and never again after a refusal."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from worker.signing.port import SecretRefused, SigningFailed, Standing
from worker.signing.refused_secrets import secret_digest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from worker.signing.port import RefusedSecrets

_BUSY = "another worker tries its {what} at this moment"
_REFUSED_BEFORE = (
    "the provider refused its {what} before, and Herald does not try it again; configure the right one, or, where the "
    "provider has corrected it, run `herald signers unblock`"
)


class Refusal(Exception):
    """Raised within `GuardedSecret.tried` where the provider refused the secret; the text is a plain sentence."""


class GuardedSecret:
    """One secret of one signer. ``place`` names the credential that it unlocks, ``what`` the kind of secret it is."""

    def __init__(self, secret: str, place: str, what: str, memory: RefusedSecrets) -> None:
        self._secret = secret
        self._what = what
        self._place = place
        self._memory = memory
        self._accepted = False
        self._unnoted = False
        """Whether a refusal is still to be written down, because the memory was unavailable."""
        self._trying = asyncio.Lock()

    @asynccontextmanager
    async def tried(self) -> AsyncIterator[str]:
        """Give the secret for one try; the end of the block without an exception means that it was accepted.

        Of all workers one tries it at a time. A try whose end is not known, as its answer was lost, may be repeated.
        Raises SecretRefused where it was refused before, and in place of a `Refusal`; SigningFailed where another
        worker tries it, and where the memory of refused secrets is unavailable.
        """
        async with self._trying:
            reserved = None if self._accepted else await self._reserved()
            try:
                yield self._secret
            except Refusal as refusal:
                self._accepted, self._unnoted = False, True
                await self._note(reserved or await self._digest())
                raise SecretRefused(str(refusal)) from None
            except BaseException:
                await self._release(reserved)
                raise
            self._accepted = True
            await self._release(reserved)

    async def _reserved(self) -> bytes:
        """Reserve the try, and return the secret's digest."""
        digest = await self._digest()
        if self._unnoted:
            await self._note(digest)
            standing = Standing.REFUSED
        else:
            standing = await self._memory.reserve(digest, known_good=True)
        if standing is Standing.FREE:
            return digest
        if standing is Standing.REFUSED:
            raise SecretRefused(_REFUSED_BEFORE.format(what=self._what))
        raise SigningFailed(_BUSY.format(what=self._what), transient=True)

    async def _release(self, reserved: bytes | None) -> None:
        if reserved is not None:
            await asyncio.shield(self._memory.release(reserved))

    async def _note(self, digest: bytes) -> None:
        await self._memory.note(digest)
        self._unnoted = False

    async def _digest(self) -> bytes:
        return secret_digest(await self._memory.key(), self._secret.encode(), self._place)

    def __repr__(self) -> str:
        return f"GuardedSecret({self._place!r})"
