"""The worker's access to the ESB against the stand-in, which shares no code with it: tokens, the connector, numbers."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from sandbox.edelivery.server import Sandbox
from tests.support.contract_events import submission
from worker.outcome import Accepted, Advanced, Blocked, Rejected
from worker.settings.systems import SystemsSettings
from worker.signing.checked import CheckedTlsSigner
from worker.signing.gate.gate import CertificateGate
from worker.signing.keys.pkcs12 import load_pkcs12
from worker.signing.settings import Pkcs12Signer
from worker.systems.dependencies import Dependencies
from worker.systems.esb.acting import Acting
from worker.systems.esb.build import build as build_esb
from worker.systems.esb.orn import Numbers
from worker.systems.esb.settings import EsbSettings
from worker.systems.port import Attempt
from worker.systems.registry import build_system
from worker.transport.port import SendGuard

ORN = {"bulstat": "000000000", "type_service": "1-1", "uri_service": "1"}
SUSPEND = "epayment.payment.suspend.v1"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return tmp_path_factory.mktemp("esb")


@pytest.fixture
async def sandbox(directory):
    async with Sandbox(directory, seed=7) as running:
        yield running


@pytest.fixture
def access(sandbox):
    """Return what makes an access for the clients `hospital` and `stranger`; ``changes`` are of the section."""
    keys = {name: _key(name, sandbox.clients[name]) for name in ("hospital", "stranger")}
    bundle = sandbox.clients["hospital"].certificate_file.parent / "trusted.pem"
    bundle.write_bytes(sandbox.pki.ca_file.read_bytes())

    def access(signers=("hospital", "stranger"), **changes):
        section = {
            "token_url": sandbox.token_url,
            "gateway_url": sandbox.url,
            "transport": {"ca_file": str(bundle), "connect_timeout": 5},
        }
        return build_esb(
            EsbSettings.model_validate({**section, **changes}),
            signers,
            system="epayment",
            keys=keys,
            unusable={},
            now=now,
            monotonic=time.monotonic,
            requested=lambda _: None,
        )

    return access


def _key(name, files):
    settings = Pkcs12Signer.model_validate(
        {"file": str(files.pkcs12_file), "password_file": str(files.password_file)}
    )
    key = load_pkcs12(name, settings, clock=now)
    return CheckedTlsSigner(key, key, CertificateGate(now))


@pytest.fixture
async def payments(sandbox, access):
    services = [one["client_id"] for one in sandbox.ready()["payment_clients"]]
    section = {"access": "esb", "senders": {"hospital": {"service_cid": services[0]}}}
    settings = SystemsSettings.model_validate({"epayment": section})
    given = Dependencies(
        {}, {}, {}, now=now, monotonic=time.monotonic, esb=lambda names: access(tuple(names))
    )
    made = build_system("epayment", settings.of("epayment"), given)
    yield made
    await made.close()


async def submitted(system, event_type, data=None):
    event = submission(event_type, data, signer="hospital")
    prepared = await system.prepare(event, Attempt(1, "message-1", now(), system.identity(event)))
    answer = await system.exchange(prepared, SendGuard(lambda: True))
    return system.interpret(event, prepared, answer)


async def test_a_payment_is_registered_once_and_withdrawn_once(payments):
    first = await submitted(payments, "epayment.payment.request.v1")
    again = await submitted(payments, "epayment.payment.request.v1")
    assert isinstance(first, Accepted)
    assert first.reference == again.reference
    one = {"paymentId": first.reference}
    assert isinstance(await submitted(payments, SUSPEND, one), Accepted)
    assert isinstance(await submitted(payments, SUSPEND, one), Rejected)
    shown = await submitted(payments, "epayment.payment.status.v1", {"paymentIds": [first.reference]})
    assert shown.data["payments"][0]["status"] == "suspended"


@pytest.mark.parametrize("parameters", ["query", "form"])
async def test_a_scope_is_granted_to_who_holds_it(access, parameters):
    esb = access(parameters=parameters)
    assert await esb.try_login("hospital", "/ep*", Acting()) is None
    assert isinstance(await esb.try_login("stranger", "/ep*", Acting()), Blocked)
    await esb.aclose()


async def test_each_draw_is_a_new_number(sandbox, access):
    esb = access(orn=ORN)
    numbers = Numbers(esb, esb.orn, now)
    event = submission("edelivery.message.send.v1", signer="hospital")
    drawn = []
    for _ in range(2):
        prepared = await numbers.prepare(event, Attempt(1, "m", now(), "i"))
        answer = await esb.client("hospital").request(
            "GET", prepared.url, headers={**prepared.headers, **prepared.secret_headers}
        )
        outcome = numbers.interpret(answer)
        assert isinstance(outcome, Advanced)
        drawn.append(outcome.progress["rnu"])
    assert drawn[0] != drawn[1]
    await esb.aclose()
