"""What NHIF gets on the wire, read by a peer that knows no HTTP library: the address, the certificate, the bytes."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest

from contracts.reasons import Reason
from tests.support.contract_events import submission
from tests.support.signing.certificates import issue, key_usage
from tests.support.signing.signers import file_key
from tests.support.transport.tls_peer import Peer, server_context
from worker.outcome import Accepted, Blocked
from worker.systems.dependencies import Dependencies
from worker.systems.nhif.build import build
from worker.systems.nhif.settings import NhifSettings
from worker.systems.port import Attempt
from worker.transport.port import DeliveryError, SendGuard

CATALOGUE = """
services:
  - module: m
    version: v1.2
    service: LIST
    method: GET
    parameters: [{name: text, type: string}, {name: more, type: string, required: false}]
  - {module: m, version: v1.2, service: DOCUMENT, method: POST}
"""
READ, SUBMIT = "nhif.service.read.v1", "nhif.document.submit.v1"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def authority():
    return issue("Test CA", authority=True)


@pytest.fixture(scope="module")
def keys(authority):
    issued = {name: issue(name, issuer=authority) for name in ("dr-a", "dr-b")}
    return {name: file_key(name, one, clock=now) for name, one in issued.items()}


@pytest.fixture
def serve(authority):
    """Start an NHIF that demands a certificate, does what a script says, and notes whom it saw."""
    server = issue("server", issuer=authority, hosts=("127.0.0.1",), usage=key_usage(digital_signature=True))
    peers = []

    def start(script, *, trusts=authority):
        peers.append(Peer(script, server_context(server, client_authority=trusts)).__enter__())
        return peers[-1]

    yield start
    for peer in peers:
        peer.__exit__()


@pytest.fixture
async def make(authority, keys, tmp_path):
    (tmp_path / "ca.pem").write_bytes(authority.pem())
    (tmp_path / "catalogue.yaml").write_text(CATALOGUE)
    made = []

    def make(peer):
        settings = NhifSettings(
            api_url=peer.url,
            senders=tuple(keys),
            catalogue_file=tmp_path / "catalogue.yaml",
            transport={"ca_file": tmp_path / "ca.pem"},
        )
        made.append(build(settings, Dependencies(keys, {}, {}, now=now, monotonic=lambda: 0.0)))
        return made[-1]

    yield make
    for system in made:
        await system.close()


async def send(system, event_type, signer="dr-a", **data):
    event = submission(event_type, {"module": "m", "version": "v1.2", **data}, signer=signer)
    prepared = await system.prepare(event, Attempt(1, str(uuid.uuid4()), now(), "identity"))
    answer = await system.exchange(prepared, SendGuard(lambda: True))
    return system.interpret(event, prepared, answer)


def answering(seen=None, **answer):
    def script(connection):
        if seen is not None:
            seen.append(connection.sock.getpeercert()["subject"][0][0][1])
        while connection.read_request():
            connection.answer(**answer)

    return script


HOSTILE = {
    "a/b": "a%2Fb",
    "../..": "..%2F..",
    "...": "...",
    ".hidden": ".hidden",
    "a\\b": "a%5Cb",
    "%2e%2e": "%252e%252e",
    "%2F": "%252F",
    "100%": "100%25",
    "a?b=c&d#e": "a%3Fb%3Dc%26d%23e",
    "a;b,c:d@e": "a%3Bb%2Cc%3Ad%40e",
    "a b+c": "a%20b%2Bc",
    "~-_.!*'()": "~-_.%21%2A%27%28%29",
    "Ж€": "%D0%96%E2%82%AC",
    "\u0301e\u202e": "%CC%81e%E2%80%AE",
    "//host/x": "%2F%2Fhost%2Fx",
    "[::1]": "%5B%3A%3A1%5D",
}


@pytest.mark.parametrize(("text", "escaped"), HOSTILE.items())
async def test_a_parameter_is_one_part_of_the_address_on_the_wire(make, serve, text, escaped):
    peer = serve(answering(body=b"{}"))
    assert isinstance(await send(make(peer), READ, service="LIST", parameters={"text": text}), Accepted)
    (request,) = peer.requests
    assert request.partition(b"\r\n")[0] == f"GET /api/m/v1.2/LIST/{escaped} HTTP/1.1".encode()
    assert b"\r\n\r\n" in request
    assert request.endswith(b"\r\n\r\n")


async def test_the_last_part_keeps_its_form_too(make, serve):
    peer = serve(answering(body=b"{}"))
    await send(make(peer), READ, service="LIST", parameters={"text": "a/", "more": "/"})
    assert peer.requests[0].startswith(b"GET /api/m/v1.2/LIST/a%2F/%2F HTTP/1.1\r\n")


async def test_each_signer_comes_with_its_own_certificate(make, serve):
    seen = []
    peer = serve(answering(seen, body=b"{}"))
    system = make(peer)
    for signer in ("dr-a", "dr-b", "dr-a"):
        await send(system, SUBMIT, signer, service="DOCUMENT", json={"invented": 1})
    assert seen == ["dr-a", "dr-b", "dr-a"]


async def test_a_document_leaves_as_it_is_with_its_length(make, serve):
    peer = serve(answering(body=b"", status="204 No Content"))
    text = '<?xml version="1.0"?>\r\n<a>ж</a>'
    assert isinstance(await send(make(peer), SUBMIT, service="DOCUMENT", xml=text), Accepted)
    (request,) = peer.requests
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /api/m/v1.2/DOCUMENT HTTP/1.1\r\n")
    assert body == text.encode()
    assert f"content-length: {len(body)}".encode() in head.lower()
    assert b"connection: close" in head.lower()


async def test_a_403_is_blocked_with_a_plain_sentence(make, serve):
    outcome = await send(
        make(serve(answering(body=b"", status="403 Forbidden"))),
        READ,
        service="LIST",
        parameters={"text": "x"},
    )
    assert isinstance(outcome, Blocked)
    assert outcome.reason == Reason.ACCESS_DENIED
    assert 'signer "dr-a"' in outcome.detail


async def test_a_certificate_that_tls_itself_refuses_is_a_tls_failure(make, serve):
    system = make(serve(answering(body=b"{}"), trusts=issue("Other CA", authority=True)))
    with pytest.raises(DeliveryError) as failed:
        await send(system, READ, service="LIST", parameters={"text": "7223154154"})
    assert failed.value.reason in {"tls-failure", "connection-lost"}
    assert "7223154154" not in str(failed.value)
