"""The access tokens of this process: all signers of one client at one provider share one, and one request for it.

A hospital has one client for all its doctors. If each of them asked for a token, a wrong secret would be tried as often
as there are doctors, and a right one would be asked for by all of them at every start.
"""

from __future__ import annotations

import asyncio
import contextvars
import hmac
import json
import secrets
from dataclasses import field
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from contracts.immutable import immutable
from worker.cancelling import cancel
from worker.signing.port import SigningFailed
from worker.signing.remote.remembered_secret import Trial

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from worker.signing.csc.settings import CscSigner


@immutable
class Held:
    """An access token, and the moment of a monotonic clock from which on another one is asked for."""

    token: str = field(repr=False)
    renew_at: float


class Grant:
    """The token of one client, and what is known of its secret."""

    def __init__(self) -> None:
        self.trial = Trial()
        self._held: Held | None = None
        self._asking: asyncio.Task[Held] | None = None
        self._owner: object = None

    async def token(self, owner: object, ask: Callable[[], Awaitable[Held]], now: float) -> str:
        """Return the token, which ``ask`` of this owner gets where there is none.

        Raises what ``ask`` raises, for all who wait, and SigningFailed where the owner of the request was closed.
        """
        if self._held is not None and now < self._held.renew_at:
            return self._held.token
        if self._asking is None:
            # In a context of its own, and shielded: one submission that is cancelled leaves it to the others.
            self._asking = asyncio.create_task(self._run(ask), context=contextvars.Context())
            self._owner = owner
        asking, here = self._asking, asyncio.current_task()
        try:
            return (await asyncio.shield(asking)).token
        except asyncio.CancelledError:
            if asking.cancelled() and here is not None and not here.cancelling():
                raise SigningFailed("the request for an access token was given up", transient=True) from None
            raise

    def drop(self, token: str) -> None:
        """Forget this token; one that has replaced it meanwhile stays."""
        if self._held is not None and self._held.token == token:
            self._held = None

    async def give_up(self, owner: object) -> None:
        """End a request of this owner; the try of its secret does not stay reserved."""
        if self._asking is not None and self._owner is owner:
            await cancel([self._asking])

    async def _run(self, ask: Callable[[], Awaitable[Held]]) -> Held:
        try:
            self._held = await ask()
            return self._held
        finally:
            self._asking = None


class Grants:
    """The grants by provider, client and secret, and the trials of PINs; each is kept as long as a signer has it."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._grants: WeakValueDictionary[bytes, Grant] = WeakValueDictionary()
        self._trials: WeakValueDictionary[bytes, Trial] = WeakValueDictionary()

    def of(self, settings: CscSigner, secret: str) -> Grant:
        """Return the grant that all signers with this client and secret share."""
        names = {"url", "api", "service_auth", "client_id", "token_url", "ca_file", "client_certificate"}
        mark = self._mark(json.dumps(settings.model_dump(mode="json", include=names)), secret)
        grant = self._grants.get(mark)
        if grant is None:
            self._grants[mark] = grant = Grant()
        return grant

    def trial(self, place: str, pin: str) -> Trial:
        """Return what all signers with this credential and PIN know of it."""
        mark = self._mark(place, pin)
        trial = self._trials.get(mark)
        if trial is None:
            self._trials[mark] = trial = Trial()
        return trial

    def _mark(self, *parts: str) -> bytes:
        return hmac.digest(self._key, json.dumps(parts).encode(), "sha256")
