"""What a whole answer looks like, and what the client does not do by itself."""

import asyncio
import gzip
import logging
import os
import resource
import socket
import ssl
import threading
from contextlib import suppress

import pytest
from cryptography import x509

from tests.support.signing.certificates import NOW, issue, key_usage
from tests.support.signing.signers import file_key
from tests.support.transport.tls_peer import server_context
from tests.support.worker.installation import eventually
from worker.configuration_error import ConfigurationError
from worker.transport.port import Answer, DeliveryError, SendGuard, SendRefused

LIMIT = 1000


def answers(body=b"<ok/>", **options):
    def script(connection):
        while connection.read_request():
            connection.answer(body, **options)

    return script


async def test_request_as_it_arrives(clients, serve):
    peer = serve(answers())
    body = "Ваксина".encode()
    await (
        clients()
        .plain()
        .request(
            "POST", f"{peer.url}/v1/x?a=%D0%B1", headers={"Content-Type": "application/xml"}, content=body
        )
    )
    (request,) = peer.requests
    head, _, received = request.partition(b"\r\n\r\n")
    assert received == body
    assert head.startswith(b"POST /v1/x?a=%D0%B1 HTTP/1.1\r\n")
    headers = dict(line.lower().split(b": ") for line in head.split(b"\r\n")[1:])
    assert headers == {
        b"host": f"127.0.0.1:{peer.port}".encode(),
        b"accept": b"*/*",
        b"accept-encoding": b"gzip",
        b"connection": b"keep-alive",
        b"user-agent": b"herald",
        b"content-type": b"application/xml",
        b"content-length": str(len(body)).encode(),
    }


async def test_the_address_leaves_as_it_is_written(clients, serve):
    peer = serve(answers())
    await clients().plain().request("GET", f"{peer.url}/a%3Bb;c%2fd/..//e?q=%2C,+%D0%B1#part", headers={})
    (request,) = peer.requests
    assert request.startswith(b"GET /a%3Bb;c%2fd/..//e?q=%2C,+%D0%B1 HTTP/1.1\r\n")


async def test_an_answer_to_head_has_no_body(clients, serve):
    def script(connection):
        while connection.read_request():
            connection.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")

    peer, client = serve(script), clients().plain()
    for _ in range(2):
        answer = await client.request("HEAD", peer.url, headers={})
        assert (answer.status, answer.headers["content-length"], answer.body) == (200, "5", b"")
    assert peer.connections == 1


async def test_answer_as_it_came(clients, serve):
    peer = serve(answers(b"\xff\x00", status="418 Teapot", headers=("X-One: 1", "x-two: a", "X-Two: b")))
    answer = await clients().plain().request("GET", peer.url, headers={})
    headers = {"content-length": "2", "x-one": "1", "x-two": "a, b"}
    assert answer == Answer(418, headers, b"\xff\x00", truncated=False)


async def test_no_content(clients, serve):
    def script(connection):
        connection.read_request()
        connection.sock.sendall(b"HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\n\r\n")

    answer = await clients().plain().request("POST", serve(script).url, headers={}, content=b"x")
    assert (answer.status, answer.body) == (204, b"")


async def test_plain_http_is_refused(clients):
    with pytest.raises(ValueError, match="only https"):
        await clients().plain().request("GET", "http://127.0.0.1/", headers={})


# Bounds


@pytest.mark.parametrize(("size", "truncated"), [(LIMIT, False), (LIMIT + 1, True), (10_000_000, True)])
@pytest.mark.parametrize("encode", [bytes, gzip.compress], ids=["plain", "gzip"])
async def test_long_answers_are_cut(size, truncated, encode, clients, serve):
    headers = () if encode is bytes else ("Content-Encoding: gzip",)
    peer = serve(answers(encode(b"x" * size), headers=headers))
    client = clients(max_answer_bytes=LIMIT).plain()
    for _ in range(2):  # the next exchange does not find the rest of the last
        answer = await client.request("POST", peer.url, headers={})
        assert (answer.status, answer.body, answer.truncated) == (200, b"x" * LIMIT, truncated)
    assert len(peer.requests) == 2


async def test_a_gzip_bomb_takes_no_memory(clients, serve):
    bomb = gzip.compress(bytes(300_000_000))
    client = clients(max_answer_bytes=2**20).plain()
    peer = serve(answers(bomb, headers=("Content-Encoding: gzip",)))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = await client.request("GET", peer.url, headers={})
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert (len(answer.body), answer.truncated) == (2**20, True)
    assert grown < 30_000  # KB


async def test_an_early_answer_to_a_request_that_is_not_read_to_its_end(clients, serve):
    def script(connection):
        connection.read_head()
        connection.answer(b"too large", status="413 Content Too Large")
        connection.peer.stopping.wait()

    peer = serve(script)
    client = clients(connect_timeout=1, answer_timeout=1, total_timeout=1).plain()
    answer = await client.request("POST", peer.url, headers={}, content=b"x" * 1_000_000)
    assert (answer.status, answer.body) == (413, b"too large")


# What it does not do by itself


async def test_no_redirect_is_followed(clients, serve):
    elsewhere = serve(answers())
    peer = serve(answers(status="307 Temporary Redirect", headers=(f"Location: {elsewhere.url}/",)))
    answer = await clients().plain().request("POST", peer.url, headers={}, content=b"x")
    assert (answer.status, answer.headers["location"]) == (307, f"{elsewhere.url}/")
    assert (len(peer.requests), elsewhere.requests) == (1, [])


async def test_no_cookie_is_kept(clients, serve):
    peer = serve(answers(headers=("Set-Cookie: session=1; Path=/",)))
    for _ in range(2):
        answer = await (client := clients().plain()).request("GET", peer.url, headers={})
        await client.request("GET", peer.url, headers={})
        assert answer.headers["set-cookie"] == "session=1; Path=/"
    assert len(peer.requests) == 4
    assert not any(b"cookie" in request.lower() for request in peer.requests)


async def test_no_proxy_is_taken_from_the_environment(clients, serve, monkeypatch):
    proxy = serve(answers(), context=None)
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    assert (await clients().plain().request("GET", serve(answers()).url, headers={})).status == 200
    assert proxy.connections == 0


async def test_nothing_is_logged_that_an_address_or_a_header_holds(clients, serve, caplog):
    caplog.set_level(logging.DEBUG)
    client = clients().plain()
    await client.request("GET", f"{serve(answers()).url}/?patient=8001010000", headers={"x": "Bearer 123"})
    text = " ".join(record.getMessage() for record in caplog.records)
    assert "8001010000" not in text
    assert "Bearer" not in text


async def test_cancelling_cancels(clients, serve):
    peer = serve(lambda connection: (connection.read_request(), connection.wait_for_close()))
    task = asyncio.create_task(clients().plain().request("POST", peer.url, headers={}))
    await asyncio.to_thread(peer.arrived.wait, 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


# Connections and identities


async def test_connections_are_kept_or_fresh(clients, serve):
    kept, fresh = serve(answers()), serve(answers())
    client = clients().plain()
    for _ in range(3):
        await client.request("POST", kept.url, headers={})
        await client.request("POST", fresh.url, headers={}, reuse=False)
    assert (kept.connections, fresh.connections) == (1, 3)
    assert all(b"connection: close\r\n" in request.lower() for request in fresh.requests)


async def test_an_idle_connection_that_the_peer_closed_in_time_is_not_used(clients, serve):
    peer = serve(lambda connection: (connection.read_request(), connection.answer()))
    client = clients().plain()
    for _ in range(3):
        assert (await client.request("POST", peer.url, headers={})).status == 200
        await asyncio.sleep(0.1)
    assert (len(peer.requests), peer.connections) == (3, 3)


@pytest.fixture(scope="module")
def doctors(authority):
    found = {}
    for name in ("anna", "boris"):
        one = issue(name, issuer=authority, usage=key_usage(digital_signature=True))
        found[name] = file_key(name, one, clock=lambda: NOW)
    return found


def says_who_comes(connection):
    shown = x509.load_der_x509_certificate(connection.sock.getpeercert(binary_form=True))
    while connection.read_request():
        connection.answer(shown.subject.rfc4514_string().encode())


async def test_each_identity_shows_its_certificate_over_its_own_connections(
    server, authority, doctors, clients, serve
):
    peer = serve(says_who_comes, context=server_context(server, client_authority=authority))
    made = clients()
    for _ in range(2):
        for name, key in doctors.items():
            client = made.with_identity(name, key.tls_identity())
            answer = await client.request("GET", peer.url, headers={})
            assert answer.body == f"CN={name}".encode()
    assert peer.connections == 2


async def test_a_renewed_certificate_gets_its_own_client(doctors, clients):
    made = clients()
    old, new = (key.tls_identity() for key in doctors.values())
    assert made.with_identity("anna", old) is made.with_identity("anna", old)
    assert made.with_identity("anna", old) is not made.with_identity("anna", new)
    assert made.plain() is made.plain()


async def test_a_request_under_way_ends_with_the_certificate_that_it_began_with(
    server, authority, doctors, clients, serve
):
    """The client stays the same object; only its later requests show the renewed certificate."""
    answer = threading.Event()

    def script(connection):
        shown = x509.load_der_x509_certificate(connection.sock.getpeercert(binary_form=True))
        while connection.read_request():
            answer.wait(20)
            connection.answer(shown.subject.rfc4514_string().encode())

    peer = serve(script, context=server_context(server, client_authority=authority))
    made = clients()
    old, new = (key.tls_identity() for key in doctors.values())
    client = made.with_identity("anna", old)
    under_way = [asyncio.create_task(client.request("GET", peer.url, headers={})) for _ in range(2)]
    await asyncio.to_thread(peer.arrived.wait, 20)
    assert made.renewal("anna", new)() is client
    later = asyncio.create_task(client.request("GET", peer.url, headers={}))
    await eventually(lambda: asyncio.sleep(0, peer.connections), lambda found: found == 3)
    answer.set()
    bodies = [one.body for one in await asyncio.gather(*under_way, later)]
    assert bodies == [b"CN=anna", b"CN=anna", b"CN=boris"]
    assert (await client.request("GET", peer.url, headers={})).body == b"CN=boris"
    assert peer.connections == 3
    assert made.with_identity("anna", new) is client


async def test_an_identity_that_tls_refuses_and_a_broken_ca_file_change_nothing(
    doctors, clients, ca_file, tmp_path, serve
):
    class Odd:
        certificates = b"text"

        def encrypted_key(self, password):
            return b"text"

    trusted = tmp_path / "ca.pem"
    trusted.write_bytes(ca_file.read_bytes())
    peer, made = serve(answers()), clients(ca_file=trusted)
    with pytest.raises(ConfigurationError):
        made.renewal("anna", Odd())
    trusted.write_bytes(b"text")
    with pytest.raises(ConfigurationError):
        made.trust()
    assert (await made.plain().request("GET", peer.url, headers={})).status == 200


async def test_a_renewed_ca_file_is_trusted_by_all_clients(doctors, clients, ca_file, tmp_path, serve):
    trusted = tmp_path / "ca.pem"
    trusted.write_bytes(issue("Other CA", authority=True).pem())
    peer, made = serve(answers()), clients(ca_file=trusted)
    all_clients = [made.plain(), made.with_identity("anna", doctors["anna"].tls_identity())]
    for client in all_clients:
        with pytest.raises(DeliveryError, match=r"tls-failure|certificate"):
            await client.request("GET", peer.url, headers={})
    trusted.write_bytes(ca_file.read_bytes())
    made.trust()()
    for client in all_clients:
        assert (await client.request("GET", peer.url, headers={})).status == 200


@pytest.mark.parametrize("warm", [False, True], ids=["a new connection", "a kept one"])
async def test_what_is_refused_right_before_it_leaves_never_arrives(clients, serve, warm):
    peer = serve(answers())
    client = clients().plain()
    if warm:
        await client.request("POST", peer.url, headers={}, content=b"before")
    refused = SendGuard(lambda: False)
    with pytest.raises(SendRefused):
        await client.request("POST", peer.url, headers={}, content=b"secret", guard=refused)
    assert not refused.sent

    permitted = SendGuard(lambda: True)
    await client.request("POST", peer.url, headers={}, content=b"after", guard=permitted)
    assert permitted.sent
    assert [request.rpartition(b"\r\n\r\n")[2] for request in peer.requests] == [b"before"] * warm + [
        b"after"
    ]


async def test_one_that_is_cancelled_while_it_connects_has_not_left(clients, serve):
    peer = serve(lambda connection: connection.read_request(), context=None)  # no handshake ever ends
    guard = SendGuard(lambda: True)
    task = asyncio.create_task(
        clients().plain().request("POST", peer.url, headers={}, content=b"x", guard=guard)
    )
    await asyncio.sleep(0.3)
    assert peer.connections == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not guard.sent


async def test_one_that_is_cancelled_after_it_left_says_so(clients, serve):
    peer = serve(lambda connection: connection.read_request() and peer.stopping.wait(20))
    guard = SendGuard(lambda: True)
    task = asyncio.create_task(
        clients().plain().request("POST", peer.url, headers={}, content=b"x", guard=guard)
    )
    assert await asyncio.to_thread(peer.arrived.wait, 20)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert guard.sent


async def test_a_closed_client_has_no_connection_open(clients, serve):
    """Not even one whose server never answers the end of TLS: asyncio alone would wait 30 s for it."""
    ended = []

    def script(connection):
        with suppress(
            ConnectionError, ssl.SSLError
        ):  # any of the reads below may be the one that sees the end
            while connection.read_request():
                connection.answer(b"{}")
            with socket.socket(fileno=os.dup(connection.sock.fileno())) as tcp:
                tcp.settimeout(20)
                tcp.recv(100)
        ended.append(connection)

    peer, client = serve(script), clients().plain()
    for reuse in (True, False):
        await client.request("GET", peer.url, headers={}, reuse=reuse)
    await client.aclose()
    await eventually(lambda: _now(ended), lambda found: len(found) == 2, 5)


async def _now(found):
    return found
