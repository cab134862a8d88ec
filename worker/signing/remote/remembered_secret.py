"""One secret as the memory of all workers knows it: may it be tried, and what became of its try."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.signing.port import SecretInDoubt, SecretRefused, SigningFailed, Standing
from worker.signing.refused_secrets import proof_of, secret_digest
from worker.signing.trying import MAY_BE_TRIED, renewed, reserve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from contextlib import AbstractAsyncContextManager

    from worker.signing.port import Proof, RefusedSecrets

PATIENCE = 10.0
PAUSE = 0.25
"""Seconds between two looks at whether another worker has ended its try."""
_BUSY = "another worker tries its {what} at this moment"
_REFUSED_BEFORE = (
    "the provider refused its {what} before, and Herald does not try it again; configure the right one, or, where the "
    "provider has corrected it, run `herald signers unblock`"
)
_IN_DOUBT = (
    "its {what} is in doubt: it was sent, or may have been, and no answer came. Herald does not try it again, because "
    "it may be wrong; configure the right one, or, where it is right, run `herald signers unblock`"
)


@dataclass(slots=True, weakref_slot=True)
class Trial:
    """What a process knows of one secret at one place; signers that have both in common share it."""

    unnoted: bool = False
    """Whether a refusal is still to be written down, because the memory was unavailable."""
    one: asyncio.Lock = field(default_factory=asyncio.Lock)


@immutable
class Reserved:
    """A try that is reserved. ``again``: the try before it had no answer."""

    digest: bytes
    proof: Proof
    again: bool = False


@immutable
class Description:
    """A secret. ``place`` names the credential that it unlocks, ``what`` the kind of secret it is.

    ``beside``: what else proves to the provider who asks, see `proof_of`.
    """

    secret: str = field(repr=False)
    place: str
    what: str
    beside: bytes = field(default=b"", repr=False)


class RememberedSecret:
    """One secret of one signer in the memory. Each method raises SigningFailed where the memory is unavailable."""

    def __init__(
        self,
        described: Description,
        memory: RefusedSecrets,
        trial: Trial,
        *,
        patience: float,
        sleep: Callable[[float], Awaitable[object]],
    ) -> None:
        """``patience``: the longest wait for another worker's try, in seconds, as ``sleep`` waits them."""
        self._described = described
        self._memory = memory
        self._trial = trial
        self._patience = patience
        self._sleep = sleep

    async def reserved(self) -> Reserved:
        """Reserve a try; of all workers that want to, the others wait for its end.

        Raises SecretRefused, SecretInDoubt, and SigningFailed where another worker tries it for a long time.
        """
        mine = await self._marks()
        if self._trial.unnoted:
            await self._note(mine)
        left = self._patience
        while (
            standing := await reserve(self._memory, mine.digest, mine.proof)
        ) is Standing.BUSY and left > 0:
            await self._sleep(PAUSE)
            left -= PAUSE
        self._require(standing)
        if standing not in MAY_BE_TRIED:
            raise SigningFailed(_BUSY.format(what=self._described.what), transient=True)
        return Reserved(mine.digest, mine.proof, standing is Standing.AGAIN)

    def renewed(self, mine: Reserved) -> AbstractAsyncContextManager[None]:
        """Keep the try reserved for as long as the block runs."""
        return renewed(self._memory, mine.digest, sleep=self._sleep)

    async def require_usable(self) -> None:
        """Raise SecretRefused or SecretInDoubt where it must not be tried."""
        mine = await self._marks()
        if self._trial.unnoted:
            await self._note(mine)
        self._require(await self._memory.standing(mine.digest, mine.proof))

    async def note_interest(self) -> None:
        """Let the memory know that this signer has the secret, too: `herald signers unblock` goes by signers."""
        with suppress(SigningFailed):
            await self._memory.refused((await self._marks()).digest)

    async def accept(self, mine: Reserved | None = None) -> None:
        """Remember that it is right, which ends the try and every doubt."""
        mine = mine or await self._marks()
        await self._memory.accept(mine.digest, mine.proof)

    async def refuse(self, sentence: str, mine: Reserved | None = None) -> SecretRefused:
        """Remember that it is wrong, and return the failure."""
        self._trial.unnoted = True
        await self._note(mine or await self._marks())
        return SecretRefused(sentence)

    async def release(self, mine: Reserved) -> None:
        """Forget a try that nobody judged."""
        await self._memory.release(mine.digest)

    async def unanswered(self, mine: Reserved) -> SecretInDoubt | None:
        """Remember a try without an answer; return the failure where the secret is in doubt now."""
        if await self._memory.unanswered(mine.digest, mine.proof):
            return self._in_doubt()
        return None

    def _require(self, standing: Standing) -> None:
        if standing is Standing.REFUSED:
            raise SecretRefused(_REFUSED_BEFORE.format(what=self._described.what))
        if standing is Standing.DOUBTFUL:
            raise self._in_doubt()

    def _in_doubt(self) -> SecretInDoubt:
        return SecretInDoubt(_IN_DOUBT.format(what=self._described.what))

    async def _note(self, mine: Reserved) -> None:
        await self._memory.note(mine.digest, proof=mine.proof)
        self._trial.unnoted = False

    async def _marks(self) -> Reserved:
        """Return by what the memory knows it."""
        key, one = await self._memory.key(), self._described
        secret = one.secret.encode()
        return Reserved(secret_digest(key, secret, one.place), proof_of(key, secret, one.place, one.beside))

    def __repr__(self) -> str:
        return f"RememberedSecret({self._described.place!r})"
