"""What the portal's service and its register get over real TLS, and what becomes of their answers."""

from __future__ import annotations

import base64
import uuid
from datetime import UTC, datetime

import pytest
from lxml import etree

from contracts.reasons import Reason
from tests.support.contract_events import submission
from tests.support.signing.certificates import issue, key_usage
from tests.support.systems.peu.service import SOAP_11, UPDATE, WSDL, enveloped, fault, updated
from tests.support.transport.tls_peer import Peer, server_context
from worker.outcome import Accepted, Blocked, Rejected, Retry
from worker.systems.dependencies import Dependencies
from worker.systems.peu.build import build
from worker.systems.peu.settings import PeuSettings
from worker.systems.port import Attempt
from worker.transport.clients import HttpClients
from worker.transport.port import DeliveryError, SendGuard

PASSWORD = "invented-пароль-73"
CALL = "peu.service.call.v1"


def now() -> datetime:
    return datetime.now(UTC)


class OneEsb:
    """The ESB's port with one client and one token; `dropped` counts what was forgotten."""

    def __init__(self, url, transport):
        self.gateway_url = url
        self.dropped = 0
        self._client = HttpClients(transport).plain()

    def acting(self, signer, name=None):
        return None

    async def authorisation(self, signer, scope, acting):
        assert (signer, scope) == ("dr-a", "/epdeau*")
        return {"authorization": "Bearer invented"}

    def drop(self, prepared):
        assert prepared.secret_headers["authorization"] == "Bearer invented"
        self.dropped += 1

    def client(self, signer):
        return self._client

    def problems(self):
        return {}

    def reloadables(self):
        return ()

    async def aclose(self):
        await self._client.aclose()


@pytest.fixture
def serve():
    """Start a portal that does what a script says."""
    authority = issue("Test CA", authority=True)
    server = issue("server", issuer=authority, hosts=("127.0.0.1",), usage=key_usage(digital_signature=True))
    peers = []

    def start(script):
        peers.append(Peer(script, server_context(server)).__enter__())
        peers[-1].authority = authority
        return peers[-1]

    yield start
    for peer in peers:
        peer.__exit__()


@pytest.fixture
async def make(tmp_path):
    made = []

    def make(peer):
        (tmp_path / "ca.pem").write_bytes(peer.authority.pem())
        (tmp_path / "password").write_text(PASSWORD + "\n")
        settings = PeuSettings(
            wsdl_file=WSDL,
            port="Basic",
            service_url=f"{peer.url}/EgovService",
            users={"hospital": {"username": "hospital", "password_file": tmp_path / "password"}},
            senders=("dr-a",),
            transport={"ca_file": tmp_path / "ca.pem"},
        )
        esb = OneEsb(peer.url, settings.transport)
        dependencies = Dependencies({}, {}, {}, now=now, monotonic=lambda: 0.0, esb=lambda _: esb)
        made.append(build(settings, dependencies))
        return made[-1]

    yield make
    for system in made:
        await system.close()


async def send(system, event_type=CALL, data=None, signer="hospital"):
    event = submission(event_type, data, signer=signer)
    await system.check(event)
    prepared = await system.prepare(event, Attempt(1, str(uuid.uuid4()), now(), "identity"))
    assert PASSWORD not in repr(prepared)
    answer = await system.exchange(prepared, SendGuard(lambda: True))
    outcome = system.interpret(event, prepared, answer)
    if isinstance(outcome, Retry) and outcome.reauthorize:
        await system.reauthorize(prepared)
    return outcome


def answering(body=b"", **answer):
    def script(connection):
        while connection.read_request():
            connection.answer(body=body, **answer)

    return script


async def test_a_call_leaves_with_the_user_and_the_action(make, serve):
    peer = serve(answering(enveloped(updated())))
    outcome = await send(make(peer), CALL, {"operation": "UpdateService", "arguments": UPDATE})
    assert outcome == Accepted({"operation": "UpdateService", "result": {"id": 7, "changed": None}})
    head, _, body = peer.requests[0].partition(b"\r\n\r\n")
    lines = {line.partition(b":")[0].lower(): line.partition(b": ")[2] for line in head.split(b"\r\n")[1:]}
    assert head.startswith(b"POST /EgovService HTTP/1.1\r\n")
    assert (
        base64.b64decode(lines[b"authorization"].removeprefix(b"Basic ")).decode() == f"hospital:{PASSWORD}"
    )
    assert lines[b"soapaction"] == b'"urn:invented:peu/UpdateService"'
    assert etree.fromstring(body).tag == f"{{{SOAP_11}}}Envelope"


async def test_a_refusal_and_a_wrong_password_are_told_apart(make, serve):
    refused = serve(answering(enveloped(fault()), status="500 Internal Server Error"))
    assert isinstance(await send(make(refused)), Rejected)
    outcome = await send(make(serve(answering(status="401 Unauthorized"))))
    assert isinstance(outcome, Blocked)
    assert outcome.reason is Reason.ACCESS_DENIED


async def test_a_connection_that_breaks_after_the_call_leaves_it_in_doubt(make, serve):
    def script(connection):
        connection.read_request()
        connection.reset()

    system = make(serve(script))
    with pytest.raises(DeliveryError) as failed:
        await send(system)
    assert failed.value.sent
    assert PASSWORD not in str(failed.value)
    assert system.recovery(submission(CALL)).value == "hold"


async def test_a_changed_password_is_used_without_a_restart(make, serve, tmp_path):
    peer = serve(answering(enveloped(updated())))
    system = make(peer)
    (tmp_path / "password").write_text("another")
    (one,) = [one for one in system.reloadables() if one.subject == "systems.peu.users.hospital"]
    await one.reload()
    await send(system)
    assert base64.b64encode(b"hospital:another") in peer.requests[0]


async def test_a_read_goes_over_the_esb_with_its_token(make, serve):
    peer = serve(answering(b'{"suppliers": []}'))
    outcome = await send(make(peer), "peu.supplier.list.v1", {}, signer="dr-a")
    assert outcome == Accepted({"content": {"suppliers": []}})
    assert peer.requests[0].startswith(b"GET /epdeau/provider/suppliers?format=json HTTP/1.1\r\n")
    assert b"Bearer invented" in peer.requests[0]


async def test_a_refused_token_is_dropped(make, serve):
    system = make(serve(answering(status="401 Unauthorized")))
    outcome = await send(system, "peu.supplier.read.v1", {"code": "A"}, signer="dr-a")
    assert isinstance(outcome, Retry)
    assert system._esb.dropped == 1
