"""The access token of a provider: by OAuth2 client credentials or a login, renewed before it ends."""

from __future__ import annotations

from base64 import b64encode
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from worker.signing.csc import wire
from worker.signing.csc.grants import Held
from worker.signing.csc.refusals import Cause, leaves_open, problem
from worker.signing.port import SigningFailed
from worker.signing.remote.guarded_secret import GuardedSecret, Refusal
from worker.signing.remote.lifetime import seconds_in, usable_seconds
from worker.signing.remote.remembered_secret import Description
from worker.signing.remote.secret_settings import is_token, secret_of
from worker.signing.remote.secret_try import longest_try

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.signing.backend import Context
    from worker.signing.csc.grants import Grant, Grants
    from worker.signing.csc.service import Service
    from worker.signing.csc.settings import CscSigner
    from worker.signing.remote.exchange import Exchange, Reply
    from worker.signing.remote.secret_try import Try

_TOKEN_METHOD = "oauth2/token"  # noqa: S105 - the name of a method
_BEARER = "Bearer "
_UNAUTHORIZED = 401
_REFUSED_CODES = frozenset({"invalid_client", "invalid_grant", "access_denied", "unauthorized_client"})


class ServiceAccess:
    """The headers that prove who Herald is; none where the TLS certificate alone does."""

    def __init__(self, settings: CscSigner, exchange: Exchange, context: Context, grants: Grants) -> None:
        self._settings = settings
        self._exchange = exchange
        self._memory = context.refused
        self._monotonic = context.monotonic
        self._grants = grants
        self._client: tuple[Grant, GuardedSecret] | None = None

    async def headers(self, service: Service) -> Mapping[str, str]:
        """Return the headers of a request, with a token that is valid for some time yet. Raises SigningFailed."""
        if self._settings.service_auth == "tls":
            return {}
        if self._client is None:
            self._client = await self._read_client()
        grant, secret = self._client
        try:
            token = await grant.token(self, partial(self._granted, service, secret), self._monotonic())
        except SigningFailed as failed:
            if not failed.transient:
                await secret.note_interest()
            raise
        return {"authorization": f"{_BEARER}{token}"}

    def drop(self, headers: Mapping[str, str]) -> None:
        """Forget the token of these headers; one that has replaced it meanwhile stays."""
        if self._client is not None:
            self._client[0].drop(headers.get("authorization", "").removeprefix(_BEARER))

    async def close(self) -> None:
        """End what is under way; a try of the secret that was sent is awaited, for a bounded time."""
        if self._client is not None:
            grant, secret = self._client
            await secret.finish()
            await grant.give_up(self)

    async def _granted(self, service: Service, guarded: GuardedSecret) -> Held:
        asked_at, login = self._monotonic(), self._settings.service_auth == "basic"

        async def ask(one: Try) -> Reply:
            reply = await self._ask(service, one)
            _require_granted(reply, one, login=login)
            return reply

        reply = await guarded.tried(ask, answering=self._answering)
        return Held(reply.text("access_token"), asked_at + usable_seconds(seconds_in(reply, "expires_in")))

    async def _answering(self) -> None:
        """Ask for something without the secret. Raises SigningFailed where the provider does not answer."""
        reply = await self._exchange.post_json(self._url(wire.INFO), {}, {})
        if not reply.successful:
            raise SigningFailed(problem(wire.INFO, reply).sentence, transient=True)

    async def _read_client(self) -> tuple[Grant, GuardedSecret]:
        settings = self._settings
        secret = await secret_of(settings.client_secret_file, settings.client_secret, "client secret file")
        place = f"csc client {settings.client_id} at {settings.url}"
        grant = self._grants.of(settings, secret)
        described = Description(secret, place, "client secret")
        return grant, GuardedSecret(
            described, self._memory, longest=longest_try(settings.timeout), trial=grant.trial
        )

    def _url(self, method: str) -> str:
        return wire.Wire(self._settings.api, self._settings.credential_id).url(
            str(self._settings.url), method
        )

    async def _ask(self, service: Service, one: Try) -> Reply:
        settings, secret = self._settings, one.secret
        if settings.service_auth == "basic":
            user = b64encode(f"{settings.client_id}:{secret}".encode()).decode()
            headers = {"authorization": f"Basic {user}"}
            return await self._exchange.post_json(self._url(wire.LOGIN), {}, headers, guard=one.request())
        form = {
            "grant_type": "client_credentials",
            "client_id": settings.client_id or "",
            "client_secret": secret,
            "scope": "service",
        }
        url = str(settings.token_url) if settings.token_url is not None else service.token_url()
        return await self._exchange.post_form(url, urlencode(form).encode(), {}, guard=one.request())

    def __repr__(self) -> str:
        return "ServiceAccess()"


def _require_granted(reply: Reply, one: Try, *, login: bool) -> None:
    if reply.successful and is_token(reply.text("access_token")):
        return
    if reply.successful:
        raise SigningFailed("the provider's answer holds no usable access token", transient=False)
    # OAuth2 states its code (RFC 6749, 5.2): a bare 401 or 403 is a gateway's. A login may be locked, like a PIN.
    if reply.text("error") in _REFUSED_CODES or (login and reply.status == _UNAUTHORIZED):
        raise Refusal("the provider refuses the client: its client_id or client secret is wrong")
    found = problem(_TOKEN_METHOD, reply)
    if not (found.cause is Cause.PASSING and leaves_open(reply)):
        one.not_judged()
    raise SigningFailed(found.sentence, transient=found.cause is Cause.PASSING)
