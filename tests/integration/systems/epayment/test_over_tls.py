"""ePayments over a real TLS connection: a server that checks the form itself, and answers as the sources say."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest

from tests.support.contract_events import submission
from tests.support.signing.certificates import issue, key_usage
from tests.support.systems.epayment.answers import PAYMENT_ID, message, statuses, taken
from tests.support.systems.epayment.reading import CLIENTS
from tests.support.transport.tls_peer import Peer, server_context
from worker.admin.preflight import runner
from worker.admin.preflight.findings import Verdict
from worker.admin.preflight.systems import SystemChecks
from worker.notice import Notice
from worker.outcome import Accepted, Blocked
from worker.settings.systems import SystemsSettings
from worker.systems.calls import Call, CallUnverified
from worker.systems.dependencies import Dependencies
from worker.systems.port import Attempt
from worker.systems.registry import build_system
from worker.transport.port import SendGuard

AUTHORITY = issue("Test CA", authority=True)
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SECRETS = {"invented-client": b"secret-of-one", "other-client": b"secret-of-two"}
PAID = base64.b64encode(json.dumps({"Id": PAYMENT_ID, "Status": "Paid", "ChangeTime": "x"}).encode()).decode()


def answered(request: bytes) -> tuple[str, bytes]:
    """The server: it checks the signature over the text of `data`, as the interface document says."""
    head, _, body = request.partition(b"\r\n\r\n")
    if head.startswith(b"GET"):
        return "404 Not Found", b""
    fields = {name: one for name, (one,) in parse_qs(body.decode()).items()}
    secret = SECRETS.get(fields["clientId"], b"")
    expected = base64.b64encode(hmac.new(secret, fields["data"].encode(), hashlib.sha256).digest()).decode()
    if fields["hmac"] != expected:
        return "401 Unauthorized", message("Authorization has been denied for this request.")
    asked = json.loads(base64.b64decode(fields["data"]))
    if head.startswith(b"POST /api/v1/eService/paymentJson "):
        return "200 OK", taken()
    return "200 OK", statuses(*((one, "paid" if one == PAYMENT_ID else None) for one in asked["requestIds"]))


@pytest.fixture
def server():
    usage = key_usage(digital_signature=True)
    shown = issue("server", issuer=AUTHORITY, usage=usage, hosts=("127.0.0.1",))

    def script(connection):
        while request := connection.read_request():
            status, body = answered(request)
            connection.answer(body, status=status, headers=("Content-Type: application/json",))

    with Peer(script, server_context(shown)) as peer:
        yield peer


@pytest.fixture
async def system(server, tmp_path):
    (tmp_path / "ca.pem").write_bytes(AUTHORITY.pem())
    clients = {**CLIENTS, "wrong": {"client_id": "third-client", "secret": "a wrong one"}}
    section = {
        "service_url": server.url,
        "clients": clients,
        "unsigned_callback_networks": ["192.0.2.0/24"],
        "transport": {"ca_file": str(tmp_path / "ca.pem"), "connect_timeout": 2},
    }
    dependencies = Dependencies(keys={}, documents={}, code_lists={}, now=lambda: NOW, monotonic=lambda: 0.0)
    settings = SystemsSettings.model_validate({"epayment": section})
    made = build_system("epayment", settings.of("epayment"), dependencies)
    yield made
    await made.close()


async def submitted(system, event_type, signer="one"):
    event = submission(event_type, signer=signer)
    prepared = await system.prepare(event, Attempt(1, "message-1", NOW, system.identity(event)))
    return system.interpret(event, prepared, await system.exchange(prepared, SendGuard(lambda: True)))


async def test_a_payment_is_requested(system):
    outcome = await submitted(system, "epayment.payment.request.v1")
    assert (type(outcome), outcome.reference) == (Accepted, PAYMENT_ID)


async def test_a_wrong_secret_is_refused(system):
    outcome = await submitted(system, "epayment.payment.status.v1", signer="wrong")
    assert isinstance(outcome, Blocked)


async def test_a_call_without_hmac_is_confirmed_by_the_system(system, server):
    call = Call(
        "POST", "", "", {}, f"ClientId=invented-client&Data={PAID.replace('=', '%3D')}".encode(), "192.0.2.1"
    )
    (notice,) = await system.receive(call)
    assert isinstance(notice, Notice)
    assert notice.data["confirmedBy"] == "status-query"
    server.__exit__()
    assert isinstance(await system.receive(call), CallUnverified)


async def test_the_checks_say_which_client_the_system_does_not_take(system):
    checks = SystemChecks(system, logins=True, seconds=3, now=lambda: datetime.now(UTC))
    found = {(one.id, one.subject): one for one in await runner.run(checks.all(), seconds=6)}
    verdicts = {subject: one.verdict for (name, subject), one in found.items() if name == "systems.token"}
    assert verdicts == {
        "epayment one": Verdict.OK,
        "epayment two": Verdict.OK,
        "epayment wrong": Verdict.FAIL,
    }
    assert found["systems.tls", "epayment services"].verdict is Verdict.OK
    assert "wrong" in found["systems.token", "epayment wrong"].detail
