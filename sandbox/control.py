"""The sandbox's control under `/_sandbox/`: its ledger, its faults, its clock.

JSON in and out, on the same port, without authentication: bind the sandbox to loopback. Names that are the
system's are spelt as the system spells them (messageId, lrn, nrn); the sandbox's own are in snake case.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.faults import InvalidFault
from sandbox.stand_in import InvalidControl

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.service import Service


class Control:
    """The handlers of the control endpoints."""

    def __init__(self, service: Service, start_outage: Callable[[float], None]) -> None:
        self._service = service
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
            web.post("/_sandbox/root", self._answer_root),
            web.delete("/_sandbox/tokens", self._expire_tokens),
            web.post("/_sandbox/clock", self._move_clock),
            web.post("/_sandbox/reset", self._reset),
            web.post("/_sandbox/{name}", self._of_the_system),
        ]

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok", "now": self._service.clock.now().isoformat()})

    async def _ledger(self, _request: web.Request) -> web.Response:
        return web.json_response(self._service.shown())

    async def _requests(self, _request: web.Request) -> web.Response:
        return web.json_response({"requests": [one.shown() for one in self._service.request_log]})

    async def _shown_faults(self, _request: web.Request) -> web.Response:
        return web.json_response({"rules": self._service.faults.shown()})

    async def _load_faults(self, request: web.Request) -> web.Response:
        body = await _read(request)
        if isinstance(body, list):
            body = {"rules": body}
        try:
            self._service.faults.load(_list_of_objects(body.get("rules")), append=bool(body.get("append")))
        except InvalidFault as error:
            raise _bad(str(error)) from error
        return await self._shown_faults(request)

    async def _clear_faults(self, request: web.Request) -> web.Response:
        self._service.faults.clear()
        return await self._shown_faults(request)

    async def _outage(self, request: web.Request) -> web.Response:
        seconds = _number(await _read(request), "seconds")
        response = web.json_response({"seconds": seconds})
        await response.prepare(request)
        await response.write_eof()  # the answer must be sent before the connections are reset
        self._start_outage(seconds)
        return response

    async def _answer_root(self, request: web.Request) -> web.Response:
        body = await _read(request)
        status = (
            _number(body, "status") if isinstance(body, dict) and body.get("status") is not None else None
        )
        if status is not None and not (status.is_integer() and 200 <= status <= 599):  # noqa: PLR2004 - HTTP's range
            raise _bad("status must be from 200 to 599, or null")
        self._service.root_status = None if status is None else int(status)
        return web.json_response({"status": self._service.root_status})

    async def _expire_tokens(self, _request: web.Request) -> web.Response:
        self._service.stand_in.forget_tokens()
        return web.json_response({"status": "ok"})

    async def _move_clock(self, request: web.Request) -> web.Response:
        self._service.clock.offset_seconds = _number(await _read(request), "offset_seconds")
        return await self._health(request)

    async def _of_the_system(self, request: web.Request) -> web.Response:
        try:
            done = self._service.stand_in.control(request.match_info["name"], await _read(request))
        except InvalidControl as error:
            raise _bad(str(error)) from error
        if done is None:
            raise web.HTTPNotFound
        return web.json_response(done)

    async def _reset(self, request: web.Request) -> web.Response:
        self._service.reset()
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
