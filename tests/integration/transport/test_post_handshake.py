"""Servers that ask for the client certificate only when they have read the request (TLS 1.3, RFC 8446, 4.6.2).

So do mod_ssl and others where a certificate is demanded for some paths alone. Both event loops: asyncio's TLS and
uvloop's are two implementations.
"""

from __future__ import annotations

import contextlib
import ssl

import pytest
from cryptography import x509

from tests.support.signing.certificates import NOW, issue, key_usage
from tests.support.signing.signers import file_key
from tests.support.transport.tls_peer import server_context

BODY = b"x" * 300_000
"""More than the kernel's buffers and TLS records hold, so that the request is still leaving when the server asks."""


@pytest.fixture
def asking(server, authority):
    """The context of a server that may ask later."""
    context = server_context(server)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.post_handshake_auth = True
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=authority.pem().decode())
    return context


@pytest.fixture
def identity(authority):
    one = issue("anna", issuer=authority, usage=key_usage(digital_signature=True))
    return file_key("anna", one, clock=lambda: NOW).tls_identity()


def asks_after_the_request(connection):
    """Read each whole request, ask for a certificate, and answer with whose it is; 403 where none is offered."""
    while connection.read_request():
        _ask_and_answer(connection)


def asks_after_the_head(connection):
    """Ask when the head is read, before the body is, as a server does that decides by the path."""
    head = connection.read_head()
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    with contextlib.suppress(ssl.SSLError):
        connection.sock.verify_client_post_handshake()
    left = length - len(head.partition(b"\r\n\r\n")[2])
    while left > 0:
        left -= len(connection.sock.recv(65536))
    _answer(connection)


def _ask_and_answer(connection):
    with contextlib.suppress(ssl.SSLError):  # the client did not say that it can be asked
        connection.sock.verify_client_post_handshake()
    _answer(connection)


def _answer(connection):
    # The certificate comes with what the client sends next; Python's ssl reads it where something is read.
    connection.sock.settimeout(0.5)
    with contextlib.suppress(TimeoutError, ssl.SSLWantReadError):
        connection.sock.recv(1)
    connection.sock.settimeout(20)
    shown = connection.sock.getpeercert(binary_form=True)
    if shown is None:
        connection.answer(b"", status="403 Forbidden")
    else:
        connection.answer(x509.load_der_x509_certificate(shown).subject.rfc4514_string().encode())


async def test_the_certificate_is_shown_when_it_is_asked_for(clients, serve, asking, identity):
    peer = serve(asks_after_the_request, context=asking)
    client = clients().with_identity("anna", identity)
    answer = await client.request("POST", peer.url, headers={}, content=b"body")
    assert (answer.status, answer.body) == (200, b"CN=anna")


async def test_it_is_shown_while_the_body_is_still_leaving(clients, serve, asking, identity):
    peer = serve(asks_after_the_head, context=asking)
    client = clients().with_identity("anna", identity)
    answer = await client.request("POST", peer.url, headers={}, content=BODY)
    assert (answer.status, answer.body) == (200, b"CN=anna")


async def test_a_kept_connection_can_be_asked_again(clients, serve, asking, identity):
    peer = serve(asks_after_the_request, context=asking)
    client = clients().with_identity("anna", identity)
    for _ in range(3):
        assert (await client.request("POST", peer.url, headers={}, content=b"body")).body == b"CN=anna"


async def test_without_an_identity_the_server_cannot_ask(clients, serve, asking):
    peer = serve(asks_after_the_request, context=asking)
    answer = await clients().plain().request("POST", peer.url, headers={}, content=b"body")
    assert answer.status == 403
