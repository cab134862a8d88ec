"""Exchanges that fail before their request can have been processed, or because a client certificate is missing."""

import socket
import ssl
import time
from contextlib import contextmanager

import pytest

from tests.support.signing.certificates import issue
from tests.support.transport.failures import FAST, fail, never, told
from tests.support.transport.tls_peer import server_context


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
