"""The HTTP face of NHIS: token endpoint and service paths, each request logged and put before the faults."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias

from aiohttp import web

from herald.sandbox.nhis import gate, wire
from herald.sandbox.nhis.answers import Answer, page
from herald.sandbox.nhis.ledger import Arrival
from herald.sandbox.nhis.operations import SERVICES

if TYPE_CHECKING:
    from herald.sandbox.nhis.message import Message
    from herald.sandbox.nhis.state import State

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]
_PAGES = {404: "Not Found", 405: "Not Allowed", 413: "Request Entity Too Large"}


class NationalService:
    """The handlers of everything that is NHIS's own, as opposed to the sandbox's control."""

    def __init__(self, state: State, start_outage: Callable[[float], None]) -> None:
        self._state = state
        self._start_outage = start_outage

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of the token endpoint and of the service paths."""
        token = [
            web.get("/token", self._token_for_certificate, allow_head=False),
            web.post("/token", self._token_for_challenge),
        ]
        return token + [web.post(path, self._message) for path in SERVICES]

    async def _message(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        process = functools.partial(gate.answer, self._state, request.path, request.headers, body)
        return await self._serve(request, gate.readable(body), process)

    async def _token_for_certificate(self, request: web.Request) -> web.StreamResponse:
        connection = request.get_extra_info("ssl_object")
        der = connection.getpeercert(binary_form=True) if connection is not None else None
        process = functools.partial(gate.token_for_certificate, self._state, der)
        return await self._serve(request, gate.readable(b""), process)

    async def _token_for_challenge(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        process = functools.partial(gate.token_for_challenge, self._state, body)
        return await self._serve(request, gate.readable(body), process)

    async def _serve(
        self, request: web.Request, message: Message, process: Callable[[], Answer]
    ) -> web.StreamResponse:
        traits = gate.traits(message)
        if request.path == "/token":
            traits["messageType"] = "S001"
        arrival = self._arrived(request.path, traits)
        rule = self._state.faults.next(traits)
        exchange = wire.Exchange(
            request=request,
            message=message,
            state=self._state,
            arrival=arrival,
            process=process,
            outage=self._start_outage,
        )
        return await wire.perform(rule, exchange)

    def _arrived(self, path: str, traits: dict[str, str | None]) -> Arrival:
        arrivals = self._state.ledger.arrivals
        arrival = Arrival(
            seq=len(arrivals) + 1,
            at=self._state.clock.now().isoformat(),
            path=path,
            messageType=traits["messageType"] or "",
            messageId=traits["messageId"] or "",
            lrn=traits["lrn"],
            nrn=traits["nrn"],
            signer=traits["signer"] or "",
            patient=traits["pseudonym"],
        )
        arrivals.append(arrival)
        return arrival


@web.middleware
async def gateway(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer as the gateway before NHIS does, in HTML, where no handler answered; control keeps to itself."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if request.path.startswith("/_sandbox/") or error.status not in _PAGES:
            raise
        answer = page(error.status, _PAGES[error.status])
        return web.Response(status=answer.status, body=answer.body, content_type=answer.content_type)
