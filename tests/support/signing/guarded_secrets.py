"""A guarded secret, and tries of it that end as a test wants."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from worker.signing.port import RefusedSecrets, SigningFailed
from worker.signing.refused_secrets import SecretsRefusedHere
from worker.signing.remote.guarded_secret import GuardedSecret
from worker.signing.remote.remembered_secret import Description
from worker.signing.remote.secret_try import Try

PIN = "hidden-pin-73"
LONGEST = 5.0
NO_ANSWER = SigningFailed("no answer", transient=True)


async def answering() -> None:
    """Answer at once, as a provider that can be reached."""


async def tried(
    secret: GuardedSecret,
    error: BaseException | None = None,
    *,
    sends: bool = True,
    asks: Callable[[], Awaitable[object]] = answering,
) -> None:
    """Try it once; ``error`` is how that ends."""

    async def work(one: Try) -> None:
        assert one.secret == PIN
        if sends:
            one.request().begin()
        if error is not None:
            raise error

    await secret.tried(work, answering=asks)


def guarded(
    memory: RefusedSecrets | None = None, place: str = "credential 1", **changes: Any
) -> GuardedSecret:
    described = Description(PIN, place, "PIN", b"client")
    return GuardedSecret(described, memory or SecretsRefusedHere(), **{"longest": LONGEST} | changes)


class Held:
    """A try that waits for an event before it is sent, and for another one before it ends."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.sends, self.ends = asyncio.Event(), asyncio.Event()
        self._error = error

    async def __call__(self, one: Try) -> None:
        await self.sends.wait()
        one.request().begin()
        await self.ends.wait()
        if self._error is not None:
            raise self._error

    def begin(self, secret: GuardedSecret) -> asyncio.Task[None]:
        """Begin it, once the loop runs."""
        return asyncio.create_task(secret.tried(self, answering=answering))
