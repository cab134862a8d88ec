"""Exchanges that fail after their request was handed over: the system may have processed each of them."""

import asyncio
import time

import pytest

from tests.support.transport.failures import (
    CONNECTS,
    FAST,
    HALF,
    closes_after_reading,
    fail,
    reads,
    resets,
    resets_after_reading,
    resets_unread,
    starts_to_answer,
    told,
    waits,
)

CHUNK = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<half\r\n"
GZIP = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\n<half"
BR = b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 5\r\n\r\n<half"


def closes(connection):
    connection.sock.unwrap()


AFTER_SENDING = {
    "silence": (reads, "answer-timeout", 1),
    "reset before reading": (resets_unread, "connection-lost", 0),
    "reset after reading": (resets_after_reading, "connection-lost", 1),
    "closed after reading": (closes_after_reading, "connection-lost", 1),
    "reset within the headers": (
        starts_to_answer(b"HTTP/1.1 200 OK\r\nCont", then=resets),
        "connection-lost",
        1,
    ),
    "silence within the headers": (
        starts_to_answer(b"HTTP/1.1 200 OK\r\nCont", then=waits),
        "answer-timeout",
        1,
    ),
    "reset within the body": (starts_to_answer(HALF, then=resets), "answer-broken", 1),
    "body shorter than its length": (starts_to_answer(HALF, then=closes), "answer-broken", 1),
    "silence within the body": (starts_to_answer(HALF, then=waits), "answer-timeout", 1),
    "chunks without an end": (starts_to_answer(CHUNK, then=closes), "answer-broken", 1),
    "chunks that are none": (starts_to_answer(CHUNK + b"zz\r\n", then=waits), "answer-broken", 1),
    "not HTTP": (starts_to_answer(b"220 smtp.example ESMTP\r\n\r\n", then=waits), "answer-broken", 1),
    "endless header": (
        starts_to_answer(b"HTTP/1.1 200 OK\r\nA: " + b"a" * 100_000, then=waits),
        "answer-broken",
        1,
    ),
    "not gzip": (starts_to_answer(GZIP, then=waits), "answer-broken", 1),
    "encoding not asked for": (starts_to_answer(BR, then=waits), "answer-broken", 1),
}


@pytest.mark.parametrize("name", AFTER_SENDING)
async def test_after_sending(name, clients, serve):
    script, reason, arrived = AFTER_SENDING[name]

    async def sent(method, reuse):
        peer = serve(script)
        error = await fail(clients, peer.url, method=method, reuse=reuse, **CONNECTS)
        return told(error), len(peer.requests), peer.connections

    # Each has a client and a peer of its own; together, because most of this is waiting.
    ways = [("POST", True), ("POST", False), ("GET", True)]
    ends = dict(zip(ways, await asyncio.gather(*(sent(*way) for way in ways)), strict=True))
    assert ends == dict.fromkeys(ways, ((reason, True), arrived, 1))


async def test_reset_right_after_the_handshake(clients, serve):
    """Whether it comes before the first byte of the request is a race: both answers are right."""
    error = await fail(clients, serve(resets).url)
    assert error.reason == "connection-lost"


@pytest.mark.parametrize(
    "start", [b"HTTP/1.1 200 ", b"HTTP/1.1 200 OK\r\nX: ", HALF], ids=["status", "header", "body"]
)
async def test_drip_past_the_total_timeout(start, clients, serve):
    def script(connection):
        connection.read_request()
        connection.sock.sendall(start)
        while True:
            connection.sock.sendall(b"x")
            time.sleep(0.02)

    peer = serve(script)
    began = time.monotonic()
    error = await fail(clients, peer.url, **FAST)
    assert told(error) == ("answer-timeout", True)
    assert time.monotonic() - began < 2
    assert len(peer.requests) == 1


async def test_large_request_that_is_not_read(clients, serve):
    def reads_nothing(connection):
        connection.wait_for_bytes()
        connection.peer.stopping.wait()

    peer = serve(reads_nothing)
    error = await fail(clients, peer.url, content=b"x" * 1_000_000, **CONNECTS)
    assert told(error) == ("answer-timeout", True)
