"""One call of a provider's method: with an access token, which is renewed once where the provider refuses it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from worker.signing.csc.refusals import Cause, Problem, leaves_open, problem
from worker.signing.port import SigningFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.signing.csc.access import ServiceAccess
    from worker.signing.csc.service import Service
    from worker.signing.csc.settings import CscSigner
    from worker.signing.csc.wire import Wire
    from worker.signing.remote.exchange import Exchange, Reply
    from worker.signing.remote.secret_try import Try


class CallRefused(Exception):
    """The provider answered a call with an error."""

    def __init__(self, found: Problem) -> None:
        super().__init__(found.sentence)
        self.problem = found

    def failure(self) -> SigningFailed:
        """Return it as a failed signature: an operator must act, or a later try may succeed."""
        passing = self.problem.cause in (Cause.PASSING, Cause.PENDING, Cause.SAD)
        return SigningFailed(self.problem.sentence, transient=passing)


class Calls:
    """The calls of one credential. Raises CallRefused for errors, SigningFailed where no answer came."""

    def __init__(self, settings: CscSigner, wire: Wire, exchange: Exchange, access: ServiceAccess) -> None:
        self._base = str(settings.url)
        self._wire = wire
        self._exchange = exchange
        self._access = access

    async def plain(self, method: str) -> Reply:
        """Call a method that needs no access token."""
        reply = await self._exchange.post_json(self._wire.url(self._base, method), {}, {})
        if not reply.successful:
            raise CallRefused(problem(method, reply))
        return reply

    async def call(
        self,
        service: Service,
        method: str,
        body: Mapping[str, Any],
        *,
        about_secret: bool = False,
        holding: Try | None = None,
    ) -> Reply:
        """Call a method. ``about_secret``: the answer judges the credential's PIN.

        ``holding``: the body holds the PIN, and is sent once in this try.
        """
        try:
            return await self._called(service, method, body, about_secret, holding)
        except CallRefused as refused:
            # The PIN was not looked at: the provider checks the access token first.
            if refused.problem.cause is not Cause.TOKEN:
                raise
            return await self._called(service, method, body, about_secret, holding)

    async def _called(
        self,
        service: Service,
        method: str,
        body: Mapping[str, Any],
        about_secret: bool,  # noqa: FBT001 - as it was given
        holding: Try | None,
    ) -> Reply:
        headers = await self._access.headers(service)
        url = self._wire.url(self._base, method)
        guard = None if holding is None else holding.request()
        reply = await self._exchange.post_json(url, body, headers, guard=guard)
        if reply.successful:
            return reply
        found = problem(method, reply, with_secret=about_secret)
        if holding is not None and not (found.cause is Cause.PASSING and leaves_open(reply)):
            holding.not_judged()
        if found.cause is Cause.TOKEN:
            self._access.drop(headers)
        raise CallRefused(found)
