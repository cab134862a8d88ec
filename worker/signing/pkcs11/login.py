"""One login at a token: a PIN that may be wrong is tried once, by one worker of all, and never again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.signing.pkcs11.faults import Fault, TokenFault
from worker.signing.pkcs11.link import ProcessLost, TooSlow
from worker.signing.pkcs11.sentences import (
    IN_DOUBT,
    PIN_REFUSED,
    REFUSED_BEFORE,
    failure_of,
    login_problem,
)
from worker.signing.port import SecretInDoubt, SecretRefused, SigningFailed, Standing
from worker.signing.refused_secrets import secret_digest
from worker.signing.trying import renewed

if TYPE_CHECKING:
    from worker.signing.pkcs11.link import Link
    from worker.signing.pkcs11.module import TokenFacts
    from worker.signing.pkcs11.pin import PinSource
    from worker.signing.port import RefusedSecrets

PAUSE = 0.25
"""Seconds between two looks at whether another worker has finished its login."""
LOOKS = 4
"""How often it is looked whether a wrong PIN that a token reports was one of Herald's."""
_BUSY = "another worker tries this PIN now"


@immutable
class User:
    """Who wants a token opened: a signer, its PIN, and the memory of refused ones."""

    signer: str
    pin: PinSource
    memory: RefusedSecrets
    ignore_warnings: bool


class Logins:
    """The logins at one token. Knows which PINs it took from this worker: those alone may be tried after a doubt."""

    def __init__(self, *, deadline: float) -> None:
        self._deadline = deadline
        self._good: set[bytes] = set()
        self.serial: str | None = None
        """The serial number of the token, once it was found."""

    async def digest(self, user: User, serial: str) -> bytes | None:
        """Return the keyed digest of the user's PIN for this token; None where there is no PIN."""
        with user.pin.read() as pin:
            return None if pin is None else secret_digest(await user.memory.key(), bytes(pin), serial)

    async def require_unrefused(self, user: User) -> None:
        """Raise SecretRefused where the token is known, and refused the user's PIN before."""
        digest = None if self.serial is None else await self.digest(user, self.serial)
        if digest is not None and await user.memory.refused(digest):
            raise SecretRefused(REFUSED_BEFORE)

    async def open(self, link: Link, token: TokenFacts, user: User) -> bytes | None:
        """Open the token with the user's PIN, and return the PIN's digest.

        Raises SigningFailed, TokenFault, ProcessLost and TooSlow.
        """
        self.serial = token.serial
        with user.pin.read() as pin:
            problem = login_problem(
                token,
                has_pin=pin is not None,
                ignore_warnings=user.ignore_warnings,
                ours=token.pin_count_low and not user.ignore_warnings and await self._was_ours(user),
            )
            if problem:
                raise SigningFailed(problem, transient=False)
            if pin is None:
                await link.ask("open", {"slot": token.slot}, deadline=self._deadline)
                return None
            digest = secret_digest(await user.memory.key(), bytes(pin), token.serial)
            await self._reserve(user, digest)
            await self._try(link, token, user, pin, digest)
            return digest

    async def refuse(self, user: User, digest: bytes) -> SecretRefused:
        """Note that the token refused this PIN, and return the failure."""
        self._good.discard(digest)
        await user.memory.note(digest, await self._place(user))
        return SecretRefused(PIN_REFUSED)

    async def _was_ours(self, user: User) -> bool:
        """Whether the wrong PIN that the token reports was one of Herald's.

        Another worker may be about to write that down: the token reports it a moment earlier.
        """
        place = await self._place(user)
        for _ in range(LOOKS):
            if await user.memory.refused_at(place):
                return True
            await asyncio.sleep(PAUSE)
        return False

    async def _place(self, user: User) -> bytes:
        """Return the keyed digest of the token itself."""
        return secret_digest(await user.memory.key(), b"", self.serial or "")

    async def _reserve(self, user: User, digest: bytes) -> None:
        """Return when this worker alone may try the PIN. Raises SigningFailed.

        A question to the memory is never cut short: nobody would know whether it reserved the try.
        """
        standing = await self._standing(user, digest)
        for _ in range(int(self._deadline / PAUSE)):
            if standing is not Standing.BUSY:
                break
            await asyncio.sleep(PAUSE)
            standing = await self._standing(user, digest)
        if standing is Standing.BUSY:
            raise SigningFailed(_BUSY, transient=True)
        if standing is Standing.REFUSED:
            raise SecretRefused(REFUSED_BEFORE)
        if standing is Standing.DOUBTFUL:
            raise SecretInDoubt(IN_DOUBT)

    async def _standing(self, user: User, digest: bytes) -> Standing:
        return await user.memory.reserve(digest, known_good=digest in self._good)

    async def _try(self, link: Link, token: TokenFacts, user: User, pin: bytearray, digest: bytes) -> None:
        try:
            async with renewed(user.memory, digest):
                await link.ask("open", {"slot": token.slot}, [pin], deadline=self._deadline)
        except TokenFault as fault:
            if fault.fault is Fault.PIN_REFUSED:
                raise await self.refuse(user, digest) from None
            if fault.fault is Fault.PIN_DOUBTFUL:
                raise await self._doubt(user, digest, failure_of(fault)) from None
            await user.memory.release(digest)
            raise
        except (ProcessLost, TooSlow) as lost:
            raise await self._doubt(user, digest, lost) from None
        self._good.add(digest)
        await user.memory.release(digest, right_at=await self._place(user))

    async def _doubt(self, user: User, digest: bytes, why: Exception) -> Exception:
        """Return what to raise: a PIN that the token took before is no doubtful one."""
        if digest in self._good:
            await user.memory.release(digest)
            return SigningFailed(str(why), transient=True)
        await user.memory.doubt(digest, await self._place(user))
        return SecretInDoubt(IN_DOUBT)
