"""Carrying out faults on a connection: resets, silence, halves of answers; the request log says which."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias, cast

from aiohttp import web

from sandbox.faults import Kind, Rule
from sandbox.pages import HTML, page
from sandbox.stand_in import Answer

if TYPE_CHECKING:
    from sandbox.request_log import LoggedRequest, RequestLog
    from sandbox.stand_in import Request, StandIn

HANG_SECONDS = 600.0
"""Seconds of a hang whose rule does not say; longer than any client should wait."""
_GARBAGE = b"\x1f\x8b\x00\xff<message \xd0\x00 &&& neither xml nor json"
_PART = 64 * 1024
_LINGER_NOTHING = struct.pack("ii", 1, 0)  # close sends RST at once


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request under way: what would process it, and the log entry for its outcome."""

    http: web.Request
    request: Request
    stand_in: StandIn
    request_log: RequestLog
    logged: LoggedRequest
    start_outage: Callable[[float], None]

    def process(self) -> Answer:
        """Do what the request asks for, once."""
        answer = self.stand_in.answer(self.request)
        self.logged.processed = True
        self.logged.answer = answer.kind
        return answer

    def note(self, outcome: str, status: int | None = None) -> None:
        """Note the outcome that the client saw."""
        self.request_log.came_to(self.logged, outcome, status)

    def answered(self, answer: Answer) -> web.Response:
        """Answer in full."""
        self.logged.answer = answer.kind
        self.note("answered", answer.status)
        return response(answer)

    def dropped(self) -> web.Response:
        """Reset the connection; the response that is returned is never sent."""
        self.note("dropped")
        return self.reset()

    def reset(self) -> web.Response:
        """Reset the connection without a note."""
        reset(self.http.transport)
        return web.Response()


def response(answer: Answer) -> web.Response:
    """Return the answer as the server sends it."""
    headers = {**answer.headers, "Content-Type": _content_type(answer)}
    body = answer.body if answer.file is None else answer.file.open("rb")  # aiohttp sends and closes it
    return web.Response(status=answer.status, body=body, headers=headers)


def reset(transport: asyncio.BaseTransport | None) -> None:
    """Close a connection with RST, discarding what is not yet written."""
    if transport is None:
        return
    connection = transport.get_extra_info("socket")
    if connection is not None and connection.fileno() >= 0:
        # A second handle on the same socket: asyncio gives out its own only for reading its state.
        with socket.socket(fileno=os.dup(connection.fileno())) as handle:
            handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOTHING)
    cast("asyncio.WriteTransport", transport).abort()


async def perform(rule: Rule | None, exchange: Exchange) -> web.StreamResponse:
    """Process and answer the request as the rule wants it; without a rule, as the system would."""
    if rule is None:
        return exchange.answered(exchange.process())
    exchange.logged.fault = str(rule.kind)
    return await _ACTIONS[rule.kind](rule, exchange)


async def _drop_before(_rule: Rule, exchange: Exchange) -> web.StreamResponse:
    return exchange.dropped()


async def _drop_after(_rule: Rule, exchange: Exchange) -> web.StreamResponse:
    exchange.process()
    return exchange.dropped()


async def _hang_before(rule: Rule, exchange: Exchange) -> web.StreamResponse:
    exchange.note("hung")
    await asyncio.sleep(HANG_SECONDS if rule.seconds is None else rule.seconds)
    return exchange.reset()


async def _hang_after(rule: Rule, exchange: Exchange) -> web.StreamResponse:
    exchange.process()
    return await _hang_before(rule, exchange)


async def _delay(rule: Rule, exchange: Exchange) -> web.StreamResponse:
    await asyncio.sleep(rule.seconds or 0.0)
    return exchange.answered(exchange.process())


async def _status(rule: Rule, exchange: Exchange) -> web.StreamResponse:
    return exchange.answered(_stated(rule, exchange))


async def _status_after(rule: Rule, exchange: Exchange) -> web.StreamResponse:
    exchange.process()
    return exchange.answered(_stated(rule, exchange))


async def _garbage(_rule: Rule, exchange: Exchange) -> web.StreamResponse:
    answer = exchange.process()
    exchange.note("garbage", 200)
    return web.Response(body=_GARBAGE, content_type=answer.content_type)


async def _truncate(_rule: Rule, exchange: Exchange) -> web.StreamResponse:
    answer = exchange.process()
    exchange.note("truncated", answer.status)
    half = web.StreamResponse(status=answer.status, headers={"Content-Type": _content_type(answer)})
    half.content_length = _length(answer)
    await half.prepare(exchange.http)
    for part in _first_half(answer):
        await half.write(part)
    if exchange.http.transport is not None:
        exchange.http.transport.close()
    return half


async def _wrong_answer(_rule: Rule, exchange: Exchange) -> web.StreamResponse:
    return exchange.answered(exchange.stand_in.altered(exchange.request, exchange.process()))


async def _outage(rule: Rule, exchange: Exchange) -> web.StreamResponse:
    exchange.start_outage(rule.seconds or 0.0)
    return exchange.dropped()


async def _expire_tokens(_rule: Rule, exchange: Exchange) -> web.StreamResponse:
    exchange.stand_in.forget_tokens()
    return exchange.answered(exchange.process())


_Action: TypeAlias = Callable[[Rule, Exchange], Awaitable[web.StreamResponse]]
_ACTIONS: Mapping[Kind, _Action] = {
    Kind.DROP_BEFORE: _drop_before,
    Kind.DROP_AFTER: _drop_after,
    Kind.HANG_BEFORE: _hang_before,
    Kind.HANG_AFTER: _hang_after,
    Kind.DELAY: _delay,
    Kind.STATUS: _status,
    Kind.STATUS_AFTER: _status_after,
    Kind.GARBAGE: _garbage,
    Kind.TRUNCATE: _truncate,
    Kind.WRONG_ANSWER: _wrong_answer,
    Kind.OUTAGE: _outage,
    Kind.EXPIRE_TOKENS: _expire_tokens,
}


def _stated(rule: Rule, exchange: Exchange) -> Answer:
    if rule.body == "html":
        return page(rule.status, "Sandbox Fault", rule.headers)
    if rule.body == "empty":
        return Answer(rule.status, b"", HTML, headers=rule.headers)
    return replace(exchange.stand_in.failed(rule.status, exchange.request), headers=rule.headers)


def _length(answer: Answer) -> int:
    return len(answer.body) if answer.file is None else answer.file.stat().st_size


def _first_half(answer: Answer) -> Iterator[bytes]:
    left = _length(answer) // 2
    if answer.file is None:
        yield answer.body[:left]
        return
    with answer.file.open("rb") as content:
        while part := content.read(min(left, _PART)):
            left -= len(part)
            yield part


def _content_type(answer: Answer) -> str:
    text = answer.content_type.startswith("text/") or answer.content_type.endswith(("xml", "json"))
    return f"{answer.content_type}; charset=utf-8" if text else answer.content_type
