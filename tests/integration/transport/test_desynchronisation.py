"""Answers that nobody asked for: none is ever read as the answer to a later request."""

import asyncio
import resource
import threading

import pytest

from worker.transport.connections import MOST_INFORMATIONAL
from worker.transport.port import DeliveryError

SHORT = {"connect_timeout": 2, "answer_timeout": 2, "total_timeout": 2}


def answer_with(body, *fields):
    return b"\r\n".join((b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), *fields, b"", body))


def answers_by_name(connection, *, after_first=lambda _: None):
    """Answer each request with its own body; after the first one do something more."""
    first = True
    while request := connection.read_request():
        connection.sock.sendall(answer_with(request.rpartition(b"\r\n\r\n")[2]))
        if first:
            after_first(connection)
        first = False


async def ask(client, peer, name, **options):
    return (await client.request("POST", peer.url, headers={}, content=name, **options)).body


STRAYS = {
    "whole": answer_with(b"of another patient"),
    "two": answer_with(b"of another patient") * 2,
    "half-of-a-head": b"HTTP/1.1 200 OK\r\nContent-Len",
    "half-of-a-body": b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nof ano",
    "informational": b"HTTP/1.1 100 Continue\r\n\r\n",
    "timeout-notice": b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n",
    "line": b"\r\n",
    "rubbish": b"xx",
}


@pytest.mark.parametrize("stray", STRAYS.values(), ids=STRAYS)
async def test_what_comes_on_an_idle_connection_ends_it(stray, clients, serve):
    sent = asyncio.Event()
    loop = asyncio.get_running_loop()
    closed = asyncio.Event()

    def script(connection):
        number = connection.peer.connections

        def stray_after(connection):
            if number == 1:
                arrived.wait(10)
                connection.sock.sendall(stray)
                loop.call_soon_threadsafe(sent.set)
                connection.wait_for_close()
                loop.call_soon_threadsafe(closed.set)

        answers_by_name(connection, after_first=stray_after)

    arrived = threading.Event()
    peer, client = serve(script), clients().plain()
    assert await ask(client, peer, b"one") == b"one"
    arrived.set()
    await asyncio.wait_for(sent.wait(), 10)
    assert await ask(client, peer, b"two") == b"two"
    assert await ask(client, peer, b"three") == b"three"
    await asyncio.wait_for(closed.wait(), 10)
    assert peer.connections == 2


async def test_the_next_in_line_gets_no_connection_on_which_something_came_unasked(clients, serve):
    """It waits for the only connection, whose answer is followed at once by one that nobody asked for."""

    def script(connection):
        answers_by_name(
            connection, after_first=lambda one: one.sock.sendall(answer_with(b"of another patient"))
        )

    peer, client = serve(script), clients(max_connections=1).plain()
    names = [str(number).encode() for number in range(20)]
    found = await asyncio.gather(*(ask(client, peer, name) for name in names), return_exceptions=True)
    assert b"of another patient" not in found
    lost = [one for one in found if isinstance(one, DeliveryError)]
    assert {(one.reason, one.sent) for one in lost} <= {("connection-lost", True)}
    assert [one for one in found if isinstance(one, bytes)] == [
        name for name, one in zip(names, found, strict=True) if isinstance(one, bytes)
    ]
    assert len(lost) < len(names)


async def test_what_comes_in_one_piece_with_an_answer_ends_the_connection(clients, serve):
    def script(connection):
        while request := connection.read_request():
            connection.sock.sendall(
                answer_with(request.rpartition(b"\r\n\r\n")[2]) + answer_with(b"of another patient")
            )

    peer, client = serve(script), clients().plain()
    for name in (b"one", b"two", b"three"):
        assert await ask(client, peer, name) == name
    assert peer.connections == 3


TWO_LENGTHS = {
    "length-and-chunks": b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "two-lengths": b"Content-Length: 3\r\nContent-Length: 5\r\n\r\nhello",
    "equal-lengths": b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "lengths-in-a-list": b"Content-Length: 5, 5\r\n\r\nhello",
    "length-with-a-sign": b"Content-Length: +5\r\n\r\nhello",
    "length-and-identity": b"Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello",
    "line-feed-after-a-chunk-size": b"Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
    "chunks-with-line-feeds": b"Transfer-Encoding: chunked\r\n\r\n5\nhello\n0\n\n",
    "more-than-the-length": b"Content-Length: 3\r\n\r\nhello",
}


@pytest.mark.parametrize("rest", TWO_LENGTHS.values(), ids=TWO_LENGTHS)
async def test_an_answer_with_two_ends_leaves_nothing_for_the_next_request(rest, clients, serve):
    def script(connection):
        connection.read_request()
        if connection.peer.connections == 1:
            connection.sock.sendall(b"HTTP/1.1 200 OK\r\n" + rest)
        answers_by_name(connection)
        connection.wait_for_close()

    def answering(connection):
        if connection.peer.connections == 1:
            script(connection)
        else:
            answers_by_name(connection)

    peer, client = serve(answering), clients(**SHORT).plain()
    with pytest.raises(DeliveryError) as caught:
        await ask(client, peer, b"one")
    assert (caught.value.reason, caught.value.sent) == ("answer-broken", True)
    assert await ask(client, peer, b"two") == b"two"
    assert peer.connections == 2


async def test_informational_answers_are_passed_over(clients, serve):
    def script(connection):
        connection.read_request()
        connection.sock.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n" * MOST_INFORMATIONAL + answer_with(b"it"))

    assert await ask(clients().plain(), serve(script), b"one") == b"it"


async def test_a_flood_of_informational_answers_takes_no_memory(clients, serve):
    def script(connection):
        connection.read_request()
        while True:
            connection.sock.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n" * 5000)

    peer, client = serve(script), clients(**SHORT).plain()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(DeliveryError) as caught:
        await ask(client, peer, b"one")
    assert caught.value.sent
    assert (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000
    )  # KB; it was 200 MB in 2 seconds


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\nA: ", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"]
)
async def test_an_answer_that_drips_ends_at_the_total_timeout(head, clients, serve):
    def script(connection):
        connection.read_request()
        connection.sock.sendall(head)
        while not connection.peer.stopping.wait(0.1):
            connection.sock.sendall(b"x")

    client = clients(connect_timeout=1, answer_timeout=1, total_timeout=1).plain()
    with pytest.raises(DeliveryError) as caught:
        await asyncio.wait_for(ask(client, serve(script), b"one"), 10)
    assert (caught.value.reason, caught.value.sent) == ("answer-timeout", True)
