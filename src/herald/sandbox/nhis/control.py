"""The sandbox's control under `/_sandbox/`: what it registered, what it shall do wrong, what time it is.

JSON in and out, on the same port, without authentication: bind the sandbox to loopback. Names that are NHIS's
are spelt as NHIS spells them (messageId, lrn, nrn); the sandbox's own are in snake case.
"""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from aiohttp import web

from herald.sandbox.nhis.faults import InvalidFault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from herald.sandbox.nhis.state import State


class Control:
    """The handlers of the control endpoints."""

    def __init__(self, state: State, start_outage: Callable[[float], None]) -> None:
        self._state = state
        self._start_outage = start_outage

    def routes(self) -> list[web.RouteDef]:
        """Return the control routes."""
        return [
            web.get("/_sandbox/health", self._health),
            web.get("/_sandbox/ledger", self._ledger),
            web.get("/_sandbox/requests", self._requests),
            web.get("/_sandbox/faults", self._shown_faults),
            web.post("/_sandbox/faults", self._load_faults),
            web.delete("/_sandbox/faults", self._clear_faults),
            web.post("/_sandbox/outage", self._outage),
            web.delete("/_sandbox/tokens", self._expire_tokens),
            web.post("/_sandbox/clock", self._move_clock),
            web.post("/_sandbox/documents", self._add_documents),
            web.post("/_sandbox/signers", self._add_signers),
            web.post("/_sandbox/reset", self._reset),
        ]

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok", "now": self._state.clock.now().isoformat()})

    async def _ledger(self, _request: web.Request) -> web.Response:
        return web.json_response(self._state.ledger.shown())

    async def _requests(self, _request: web.Request) -> web.Response:
        return web.json_response({"requests": self._state.ledger.shown_requests()})

    async def _shown_faults(self, _request: web.Request) -> web.Response:
        return web.json_response({"rules": self._state.faults.shown()})

    async def _load_faults(self, request: web.Request) -> web.Response:
        body = await _read(request)
        if isinstance(body, list):
            body = {"rules": body}
        try:
            self._state.faults.load(_list_of_objects(body.get("rules")), append=bool(body.get("append")))
        except InvalidFault as error:
            raise _bad(str(error)) from error
        return await self._shown_faults(request)

    async def _clear_faults(self, request: web.Request) -> web.Response:
        self._state.faults.clear()
        return await self._shown_faults(request)

    async def _outage(self, request: web.Request) -> web.Response:
        seconds = _number(await _read(request), "seconds")
        response = web.json_response({"seconds": seconds})
        await response.prepare(request)
        await response.write_eof()  # the answer must be out before the connections go
        self._start_outage(seconds)
        return response

    async def _expire_tokens(self, _request: web.Request) -> web.Response:
        self._state.access.forget_all()
        return web.json_response({"status": "ok"})

    async def _move_clock(self, request: web.Request) -> web.Response:
        self._state.clock.offset_seconds = _number(await _read(request), "offset_seconds")
        return await self._health(request)

    async def _add_documents(self, request: web.Request) -> web.Response:
        body = await _read(request)
        try:
            documents = {str(nrn): date.fromisoformat(day) for nrn, day in dict(body).items()}
        except (TypeError, ValueError) as error:
            raise _bad("documents must be an object of NRN to date (YYYY-MM-DD)") from error
        self._state.documents.update(documents)
        return web.json_response({nrn: day.isoformat() for nrn, day in self._state.documents.items()})

    async def _add_signers(self, request: web.Request) -> web.Response:
        body = await _read(request)
        try:
            added = [
                self._state.signers.register(item["name"], item["uin"], item["certificate"].encode())
                for item in _list_of_objects(body if isinstance(body, list) else [body])
            ]
        except (KeyError, AttributeError, ValueError) as error:
            raise _bad("signers must be objects of name, uin and certificate (PEM)") from error
        return web.json_response({"signers": [{"name": s.name, "uin": s.uin} for s in added]})

    async def _reset(self, request: web.Request) -> web.Response:
        self._state.reset()
        return await self._health(request)


async def _read(request: web.Request) -> dict[str, Any] | list[Any]:
    try:
        body = json.loads(await request.text() or "{}")
    except (ValueError, UnicodeDecodeError) as error:
        raise _bad("the body is not JSON") from error
    if not isinstance(body, dict | list):
        raise _bad("the body must be an object or a list")
    return body


def _list_of_objects(value: object) -> Sequence[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise _bad("a list of objects is expected")
    return value


def _number(body: dict[str, Any] | list[Any], name: str) -> float:
    value = body.get(name) if isinstance(body, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _bad(f"{name} must be a number")
    return float(value)


def _bad(problem: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=json.dumps({"problem": problem}), content_type="application/json")
