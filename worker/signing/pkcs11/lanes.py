"""Several processes for one token: for HSMs that do many signatures at the same time, each by another session."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from worker.signing.pkcs11.open_token import Unopened

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from worker.signing.pkcs11.choosing import ChosenKey, Inventory
    from worker.signing.pkcs11.login import User
    from worker.signing.pkcs11.token import Token

T = TypeVar("T")


class Lanes:
    """Used as a `Token` is. Each call takes the lane with the fewest; one that nobody needs is never opened.

    A process that cannot be opened rests for a while. Meanwhile those that are open do its calls, the one that found
    this out too: a token that takes fewer sessions than configured still signs. What failed otherwise is not repeated.
    """

    def __init__(self, lanes: Sequence[Token]) -> None:
        self._lanes = tuple(lanes)

    @property
    def pids(self) -> tuple[int, ...]:
        """The numbers of the processes that have the token open."""
        return tuple(sorted(pid for one in self._lanes for pid in one.pids))

    async def choose(self, user: User, choose: Callable[[Inventory], ChosenKey]) -> ChosenKey:
        """Return the key that ``choose`` takes from what the token holds. Raises SigningFailed."""
        return await self._by_one(user, lambda lane: lane.choose(user, choose))

    async def sign(
        self, user: User, choose: Callable[[Inventory], ChosenKey], mechanism: str, data: bytes
    ) -> bytes:
        """Return the signature by the key that ``choose`` takes. Raises SigningFailed."""
        return await self._by_one(user, lambda lane: lane.sign(user, choose, mechanism, data))

    async def leave(self, user: User) -> None:
        """End what is open for this user alone."""
        for one in self._lanes:
            await one.leave(user)

    async def close(self) -> None:
        """Wait for the calls in flight, and end the processes."""
        for one in self._lanes:
            await one.close()

    async def _by_one(self, user: User, call: Callable[[Token], Awaitable[T]]) -> T:
        try:
            return await self._by_an_open_one(user, call)
        except Unopened as unopened:
            raise unopened.failure from None

    async def _by_an_open_one(self, user: User, call: Callable[[Token], Awaitable[T]]) -> T:
        lane = min(self._lanes, key=lambda one: self._unsuited(user, one))
        try:
            return await call(lane)
        except Unopened:
            others = [one for one in self._lanes if one is not lane and one.has_open(user)]
            if not others:
                raise
        return await call(min(others, key=lambda one: one.calls))

    @staticmethod
    def _unsuited(user: User, lane: Token) -> tuple[bool, bool, int]:
        """Order lanes: last those that rest, before them those that are being opened, then by their calls."""
        return lane.resting(user), lane.calls > 0 and not lane.has_open(user), lane.calls
