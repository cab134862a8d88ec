"""What faults do on the wire: resets, silence, halves of answers; the log of arrivals says which."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias, cast

from aiohttp import web

from herald.sandbox.nhis.answers import HTML, Answer, page, refuse
from herald.sandbox.nhis.errors import GENERAL, StatedError
from herald.sandbox.nhis.faults import Kind, Rule

if TYPE_CHECKING:
    from herald.sandbox.nhis.ledger import Arrival
    from herald.sandbox.nhis.message import Message
    from herald.sandbox.nhis.state import State

HANG_SECONDS = 600.0
"""How long a hang lasts where its rule does not say; longer than any client should wait."""
_GARBAGE = b"\x1f\x8b\x00\xff<nhis:message \xd0\x00 &&& not xml"
_LINGER_NOTHING = struct.pack("ii", 1, 0)  # close sends RST at once


class Exchange:
    """One request under way: what would process it, and where its outcome is noted."""

    def __init__(
        self,
        *,
        request: web.Request,
        message: Message,
        state: State,
        arrival: Arrival,
        process: Callable[[], Answer],
        outage: Callable[[float], None],
    ) -> None:
        self.request = request
        self.message = message
        self.state = state
        self.arrival = arrival
        self.start_outage = outage
        self._process = process

    def process(self) -> Answer:
        """Do what the request asks for, once."""
        answer = self._process()
        self.arrival.processed = True
        self.arrival.answer = answer.type
        return answer

    def note(self, outcome: str, status: int | None = None) -> None:
        """Keep what the client got."""
        self.arrival.outcome = outcome
        self.arrival.status = status
        stated = self.arrival.answer if outcome == "answered" else None
        self.state.ledger.count(self.arrival.messageType or "unreadable", stated or str(status or outcome))

    def answered(self, answer: Answer) -> web.Response:
        """Answer in full."""
        self.arrival.answer = answer.type
        self.note("answered", answer.status)
        headers = {**answer.headers, "Content-Type": _content_type(answer)}
        return web.Response(status=answer.status, body=answer.body, headers=headers)

    def dropped(self) -> web.Response:
        """Reset the connection; the response that is returned goes nowhere."""
        self.note("dropped")
        return self.reset()

    def reset(self) -> web.Response:
        """Reset the connection without a note."""
        reset(self.request.transport)
        return web.Response()


def reset(transport: asyncio.BaseTransport | None) -> None:
    """Close a connection with RST, discarding what is not yet written."""
    if transport is None:
        return
    connection = transport.get_extra_info("socket")
    if connection is not None and connection.fileno() >= 0:
        # A second handle on the same socket: event loops lend theirs for looking at only.
        with socket.socket(fileno=os.dup(connection.fileno())) as handle:
            handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOTHING)
    cast("asyncio.WriteTransport", transport).abort()


async def perform(rule: Rule | None, exchange: Exchange) -> web.StreamResponse:
    """Process and answer the request as the rule wants it; without a rule, as NHIS would."""
    if rule is None:
        return exchange.answered(exchange.process())
    exchange.arrival.fault = str(rule.kind)
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


async def _garbage(_rule: Rule, exchange: Exchange) -> web.StreamResponse:
    exchange.process()
    exchange.note("garbage", 200)
    return web.Response(body=_GARBAGE, content_type="application/xml")


async def _truncate(_rule: Rule, exchange: Exchange) -> web.StreamResponse:
    answer = exchange.process()
    exchange.note("truncated", answer.status)
    response = web.StreamResponse(status=answer.status, headers={"Content-Type": _content_type(answer)})
    response.content_length = len(answer.body)
    await response.prepare(exchange.request)
    await response.write(answer.body[: len(answer.body) // 2])
    if exchange.request.transport is not None:
        exchange.request.transport.close()
    return response


async def _wrong_message_id(_rule: Rule, exchange: Exchange) -> web.StreamResponse:
    answer = exchange.process()
    own, other = exchange.arrival.messageId.encode(), str(uuid.uuid4()).encode()
    body = answer.body.replace(own, other) if own else answer.body
    return exchange.answered(Answer(answer.status, body, answer.content_type, answer.type, answer.headers))


async def _outage(rule: Rule, exchange: Exchange) -> web.StreamResponse:
    exchange.start_outage(rule.seconds or 0.0)
    return exchange.dropped()


async def _expire_tokens(_rule: Rule, exchange: Exchange) -> web.StreamResponse:
    exchange.state.access.forget_all()
    return exchange.answered(exchange.process())


_Action: TypeAlias = Callable[[Rule, Exchange], Awaitable[web.StreamResponse]]
_ACTIONS: Mapping[Kind, _Action] = {
    Kind.DROP_BEFORE: _drop_before,
    Kind.DROP_AFTER: _drop_after,
    Kind.HANG_BEFORE: _hang_before,
    Kind.HANG_AFTER: _hang_after,
    Kind.DELAY: _delay,
    Kind.STATUS: _status,
    Kind.GARBAGE: _garbage,
    Kind.TRUNCATE: _truncate,
    Kind.WRONG_MESSAGE_ID: _wrong_message_id,
    Kind.OUTAGE: _outage,
    Kind.EXPIRE_TOKENS: _expire_tokens,
}


def _stated(rule: Rule, exchange: Exchange) -> Answer:
    if rule.body == "html":
        return page(rule.status, "Sandbox Fault", rule.headers)
    if rule.body == "empty":
        return Answer(rule.status, b"", HTML, headers=rule.headers)
    error = StatedError(GENERAL, "Възникна неочаквана грешка.")
    answer = refuse([error], exchange.message, exchange.state.clock.now(), status=rule.status)
    return Answer(answer.status, answer.body, answer.content_type, answer.type, rule.headers)


def _content_type(answer: Answer) -> str:
    return f"{answer.content_type}; charset=utf-8"
