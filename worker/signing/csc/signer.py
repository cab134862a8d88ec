"""A signer at a provider with the API of the Cloud Signature Consortium (CSC)."""

from __future__ import annotations

import asyncio
import binascii
from base64 import b64decode
from typing import TYPE_CHECKING

from worker.signing.csc import wire
from worker.signing.csc.access import ServiceAccess
from worker.signing.csc.authorising import Authorising
from worker.signing.csc.calls import CallRefused, Calls
from worker.signing.csc.client_key import client_key
from worker.signing.csc.credential import Credential, read_credential
from worker.signing.csc.grants import Grants
from worker.signing.csc.polling import Polling
from worker.signing.csc.refusals import Cause
from worker.signing.csc.service import Service, read_service
from worker.signing.port import SigningFailed
from worker.signing.remote.exchange import Exchange
from worker.signing.remote.failures import of_signer
from worker.signing.remote.files import require_files
from worker.signing.remote.guarded_secret import GuardedSecret
from worker.signing.remote.once import Once
from worker.signing.remote.remembered_secret import Description
from worker.signing.remote.secret_settings import secret_of
from worker.signing.remote.secret_try import longest_try

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.signing.backend import Context
    from worker.signing.csc.polling import Sleep
    from worker.signing.csc.settings import CscSigner
    from worker.signing.port import Identity
    from worker.signing.remote.exchange import Reply
    from worker.signing.remote.gathering import BatchPolicy


class _Connected:
    """What is known after the first questions: the provider, the credential, and how to authorise signatures."""

    def __init__(self, service: Service, credential: Credential, authorising: Authorising | None) -> None:
        self.service = service
        self.credential = credential
        self.authorising = authorising


class CscDigestSigner:
    """A `DigestSigner`. Nothing is read and nobody asked before the first signature or the first question for it."""

    def __init__(
        self,
        name: str,
        settings: CscSigner,
        exchange: Exchange,
        context: Context,
        *,
        grants: Grants | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """Make it without I/O. ``grants``: those of its process, by default of its own."""
        self.name = name
        self._settings = settings
        self._exchange = exchange
        self._context = context
        self._wire = wire.Wire(settings.api, settings.credential_id)
        self._grants = grants or Grants()
        self._access = ServiceAccess(settings, exchange, context, self._grants)
        self._calls = Calls(settings, self._wire, exchange, self._access)
        self._polling = Polling(settings, monotonic=context.monotonic, sleep=sleep)
        self._connection = Once(self._connect, monotonic=context.monotonic)

    @property
    def known(self) -> Identity | None:
        """The credential's identity, where the provider was asked before."""
        connected = self._connection.known
        return None if connected is None else connected.credential.identity

    @property
    def batch_policy(self) -> BatchPolicy:
        """How digests share calls; the credential's own limit counts as soon as it is known."""
        policy, connected = self._settings.batch.policy(), self._connection.known
        return policy if connected is None else policy.at_most(connected.credential.multisign)

    async def identity(self) -> Identity:
        """Return the credential's identity; the provider is asked once. Raises SigningFailed."""
        async with of_signer(self.name):
            return (await self._connection.get()).credential.identity

    async def sign_digests(self, digests: Sequence[bytes]) -> Sequence[bytes]:
        """Return the signatures as the provider returned them, in its order. Raises SigningFailed."""
        async with of_signer(self.name):
            connected = await self._connection.get()
            try:
                return _signatures(await self._signed(connected, digests))
            except CallRefused as refused:
                raise refused.failure() from None

    async def close(self) -> None:
        """End what is under way and close the connections; a try of a secret that was sent is awaited."""
        await self._connection.close()
        connected = self._connection.known
        if connected is not None and connected.authorising is not None:
            await connected.authorising.close()
        await self._access.close()
        await self._exchange.close()

    async def _signed(self, connected: _Connected, digests: Sequence[bytes]) -> Reply:
        """Sign them; where the provider finds the authorisation not valid any more, once again with another."""
        if connected.authorising is None:
            return await self._ask(connected, digests, None)
        sad = await connected.authorising.sad(connected.service, connected.credential, digests)
        try:
            return await self._ask(connected, digests, sad)
        except CallRefused as refused:
            if refused.problem.cause is not Cause.SAD:
                raise
        connected.authorising.drop(sad)
        sad = await connected.authorising.sad(connected.service, connected.credential, digests)
        return await self._ask(connected, digests, sad)

    async def _ask(self, connected: _Connected, digests: Sequence[bytes], sad: str | None) -> Reply:
        asynchronous = self._settings.asynchronous
        body = self._wire.sign(connected.credential, digests, sad, asynchronous=asynchronous)
        reply = await self._calls.call(connected.service, wire.SIGN, body)
        response_id = reply.text("responseID")
        if reply.texts("signatures") or not response_id:
            return reply

        async def ask() -> Reply:
            return await self._calls.call(connected.service, wire.POLL, wire.poll(response_id))

        return await self._polling.until(ask, lambda one: bool(one.texts("signatures")), "the signatures")

    async def _connect(self) -> _Connected:
        settings = self._settings
        try:
            service = read_service(await self._calls.plain(wire.INFO), settings)
            reply = await self._calls.call(service, wire.CREDENTIAL, self._wire.credential())
        except CallRefused as refused:
            raise refused.failure() from None
        with_token_alone = settings.credential_auth == "access-token"
        secret = None if with_token_alone else await self._secret()
        credential = read_credential(
            reply, second=self._wire.second, algorithm=settings.algorithm, has_secret=secret is not None
        )
        if secret is not None and credential.secret_id is not None:
            await secret.require_usable()
        return _Connected(service, credential, None if with_token_alone else self._authorising(secret))

    async def _secret(self) -> GuardedSecret | None:
        settings = self._settings
        if settings.pin_file is None and settings.pin is None:
            return None
        pin = await secret_of(settings.pin_file, settings.pin, "PIN file")
        place = f"csc credential {settings.credential_id} at {settings.url}"
        described = Description(pin, place, "PIN or password", await client_key(settings))
        trial = self._grants.trial(place, pin)
        return GuardedSecret(
            described, self._context.refused, longest=longest_try(settings.timeout), trial=trial
        )

    def _authorising(self, secret: GuardedSecret | None) -> Authorising:
        return Authorising(
            self._wire,
            self._calls,
            self._polling,
            self._context.monotonic,
            secret=secret,
            at_once=self._settings.signatures_per_authorization,
        )

    def __repr__(self) -> str:
        return f"CscDigestSigner({self.name!r})"


class CscProviders:
    """Makes the signers of one process, which share the access tokens of their clients."""

    def __init__(self) -> None:
        self._grants = Grants()

    def make(self, name: str, settings: CscSigner, context: Context) -> CscDigestSigner:
        """Return a signer; its provider is not asked yet. Raises ConfigurationError where files are missing."""
        require_files(settings)
        return CscDigestSigner(name, settings, Exchange(settings), context, grants=self._grants)


def _signatures(reply: Reply) -> Sequence[bytes]:
    found = reply.texts("signatures")
    if not found:
        raise SigningFailed("the provider's answer holds no signatures", transient=True)
    try:
        return [b64decode(one) for one in found]
    except (ValueError, binascii.Error):
        raise SigningFailed("the provider's signatures are not base64", transient=False) from None
