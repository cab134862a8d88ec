"""Several processes for one token: for HSMs that do many signatures at the same time, each by another session."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from worker.signing.pkcs11.choosing import ChosenKey, Inventory
    from worker.signing.pkcs11.login import User
    from worker.signing.pkcs11.token import Token


class Lanes:
    """Used as a `Token` is. Each call takes the lane with the fewest; one that nobody needs is never opened."""

    def __init__(self, lanes: Sequence[Token]) -> None:
        self._lanes = tuple(lanes)

    @property
    def pids(self) -> tuple[int, ...]:
        """The numbers of the processes that have the token open."""
        return tuple(sorted(pid for one in self._lanes for pid in one.pids))

    async def choose(self, user: User, choose: Callable[[Inventory], ChosenKey]) -> ChosenKey:
        """Return the key that ``choose`` takes from what the token holds. Raises SigningFailed."""
        return await self._free().choose(user, choose)

    async def sign(
        self, user: User, choose: Callable[[Inventory], ChosenKey], mechanism: str, data: bytes
    ) -> bytes:
        """Return the signature by the key that ``choose`` takes. Raises SigningFailed."""
        return await self._free().sign(user, choose, mechanism, data)

    async def leave(self, user: User) -> None:
        """End what is open for this user alone."""
        for one in self._lanes:
            await one.leave(user)

    async def close(self) -> None:
        """Wait for the calls in flight, and end the processes."""
        for one in self._lanes:
            await one.close()

    def _free(self) -> Token:
        return min(self._lanes, key=lambda one: one.calls)
