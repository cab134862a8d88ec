"""Every way in which an exchange fails: its reason, whether it counts as sent, and how often it arrived."""

import asyncio
import socket
import ssl
import time
from contextlib import contextmanager

import pytest

from tests.support.signing.certificates import issue
from tests.support.transport.tls_peer import server_context
from worker.transport.port import DeliveryError

SECRET = "8001010000"
BODY = SECRET.encode()
FAST = {"connect_timeout": 0.4, "answer_timeout": 0.4, "total_timeout": 0.8}
CONNECTS = {"connect_timeout": 2, "answer_timeout": 0.4, "total_timeout": 2}
"""Where the connection is made, however slow the machine is."""


async def fail(clients, url, *, method="POST", content=BODY, reuse=True, **settings):
    """Send, expect a DeliveryError and return it, once it is clear that it tells nothing of the message."""
    client = clients(**settings).plain()
    with pytest.raises(DeliveryError) as caught:
        await client.request(
            method, f"{url}/path/{SECRET}?q={SECRET}", headers={"x": SECRET}, content=content, reuse=reuse
        )
    error = caught.value
    assert SECRET not in str(error)
    assert error.__cause__ is None
    assert error.__suppress_context__
    return error


def told(error):
    return error.reason, error.sent


# Before anything could be sent


async def test_connection_refused(clients):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = await fail(clients, f"https://127.0.0.1:{port}")
    assert told(error) == ("connection-refused", False)
    assert str(error) == f"127.0.0.1:{port}: no connection could be made (Connection refused)"


async def test_unknown_host(clients):
    error = await fail(clients, "https://no-such-host.invalid")
    assert told(error) == ("dns-failure", False)
    assert str(error).startswith("no-such-host.invalid:443: the host name could not be resolved (")


def never(connection):
    pytest.fail("no request may come this far")


async def test_server_of_an_unknown_authority(clients, serve):
    stranger = issue("stranger", issuer=issue("Other CA", authority=True), hosts=("127.0.0.1",))
    peer = serve(never, context=server_context(stranger))
    error = await fail(clients, peer.url)
    assert told(error) == ("tls-failure", False)
    assert "unable to get local issuer certificate" in str(error)


async def test_server_of_another_name(clients, serve, authority):
    other = issue("other", issuer=authority, hosts=("his.example",))
    peer = serve(never, context=server_context(other))
    error = await fail(clients, peer.url)
    assert told(error) == ("tls-failure", False)
    assert "127.0.0.1" in str(error)


async def test_the_system_trust_does_not_include_the_test_authority(clients, serve):
    error = await fail(clients, serve(never).url, ca_file=None)
    assert told(error) == ("tls-failure", False)


async def test_peer_that_does_not_speak_tls(clients, serve):
    peer = serve(
        lambda connection: connection.sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"), context=None
    )
    assert told(await fail(clients, peer.url)) == ("tls-failure", False)


async def test_reset_during_the_handshake(clients, serve):
    def script(connection):
        connection.wait_for_bytes()
        connection.reset()

    assert told(await fail(clients, serve(script, context=None).url)) == ("connection-lost", False)


async def test_handshake_that_never_ends(clients, serve):
    peer = serve(lambda connection: connection.wait_for_close(), context=None)
    assert told(await fail(clients, peer.url, **FAST)) == ("connect-timeout", False)


@contextmanager
def full_backlog():
    """A listener that accepts nothing and whose queue is full: the next SYN gets no answer."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        fillers = []
        for _ in range(3):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(address)
            fillers.append(filler)
        time.sleep(0.05)
        yield address[1]
        for filler in fillers:
            filler.close()


async def test_connect_that_gets_no_answer(clients):
    with full_backlog() as port:
        error = await fail(clients, f"https://127.0.0.1:{port}", **FAST)
    assert told(error) == ("connect-timeout", False)


# After the request was handed over


def reads(connection):
    connection.read_request()
    connection.wait_for_close()


def resets_unread(connection):
    connection.wait_for_bytes()
    connection.reset()


def resets_after_reading(connection):
    connection.read_request()
    connection.reset()


def closes_after_reading(connection):
    connection.read_request()


def starts_to_answer(sent, *, then):
    def script(connection):
        connection.read_request()
        connection.sock.sendall(sent)
        # The bytes go first: what follows must not overtake them in the client's buffers.
        time.sleep(0.1)
        then(connection)

    return script


def resets(connection):
    connection.reset()


def closes(connection):
    connection.sock.unwrap()


def waits(connection):
    connection.wait_for_close()


HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<half"
CHUNK = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<half\r\n"
GZIP = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\n<half"
BR = b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 5\r\n\r\n<half"

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


# Client certificates


@pytest.fixture
def demanding(server, authority):
    return server_context(server, client_authority=authority)


async def test_missing_client_certificate_tls_1_3(demanding, clients, serve):
    """The client's handshake ends before the server has judged it: the request may have left.

    The server says why and closes; its reset, caused by the request it did not read, may overtake the reason.
    """
    peer = serve(never, context=demanding)
    error = await fail(clients, peer.url)
    assert told(error) in {("tls-failure", True), ("connection-lost", True)}
    assert peer.requests == []


async def test_missing_client_certificate_tls_1_2(demanding, clients, serve):
    demanding.maximum_version = ssl.TLSVersion.TLSv1_2
    error = await fail(clients, serve(never, context=demanding).url)
    assert told(error) == ("tls-failure", False)


# A kept connection that the peer closes


def answers_once_then(second):
    def script(connection):
        connection.read_request()
        connection.answer()
        second(connection)

    return script


@pytest.mark.parametrize("method", ["POST", "GET", "PUT"])
async def test_stale_connection_leaves_the_outcome_unknown_and_is_not_repeated(method, clients, serve):
    """The peer closes just as the second request comes. aiohttp would send GET and PUT again by itself."""
    peer = serve(answers_once_then(resets_unread))
    client = clients().plain()
    await client.request(method, peer.url, headers={})
    with pytest.raises(DeliveryError) as caught:
        await client.request(method, peer.url, headers={})
    assert told(caught.value) == ("connection-lost", True)
    assert (len(peer.requests), peer.connections) == (1, 1)


async def test_stale_connection_cannot_harm_a_fresh_one(clients, serve):
    peer = serve(answers_once_then(resets_unread))
    client = clients().plain()
    for _ in range(3):
        assert (await client.request("POST", peer.url, headers={}, reuse=False)).status == 200
    assert (len(peer.requests), peer.connections) == (3, 3)


# Waiting for a connection


async def test_waiting_too_long_for_a_connection_counts_as_unsent(clients, serve):
    peer = serve(reads)
    client = clients(max_connections=1, connect_timeout=0.5, answer_timeout=0.5, total_timeout=0.5).plain()
    requests = [client.request("POST", peer.url, headers={}) for _ in range(2)]
    first, second = await asyncio.gather(*requests, return_exceptions=True)
    assert told(first) == ("answer-timeout", True)
    assert told(second) == ("connect-timeout", False)
    assert len(peer.requests) == 1


async def test_waiting_for_a_connection_does_not_shorten_the_exchange(clients, serve):
    def slow(connection):
        while connection.read_request():
            time.sleep(0.5)
            connection.answer()

    peer = serve(slow)
    client = clients(max_connections=1, connect_timeout=0.5, answer_timeout=0.8, total_timeout=0.8).plain()
    answers = await asyncio.gather(*[client.request("POST", peer.url, headers={}) for _ in range(2)])
    assert [answer.status for answer in answers] == [200, 200]


async def test_there_are_never_more_connections_than_allowed(clients, serve):
    """However many wait: what came later must not take the connection for which another was woken."""

    def answers(connection):
        while connection.read_request():
            connection.answer()

    peer, client = serve(answers), clients(max_connections=4).plain()

    async def one_after_another():
        for _ in range(5):
            assert (await client.request("POST", peer.url, headers={})).status == 200

    await asyncio.gather(*(one_after_another() for _ in range(30)))
    assert (len(peer.requests), peer.connections) == (150, 4)
