"""What the worker sends is taken by the sandbox, and what the sandbox answers is read, in both versions of SOAP."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest

from sandbox.authority import Authority
from sandbox.kz_shep.credential import SUBJECT
from sandbox.kz_shep.stand_in import ShepGateway
from sandbox.pki import DOCTORS
from sandbox.stand_in import Request
from tests.support.contract_events import submission
from tests.support.fakes.scripted_client import ScriptedClient
from worker.outcome import Accepted, Blocked
from worker.signing.checked import checked
from worker.signing.keys.pkcs12 import Pkcs12Key
from worker.signing.wsse.sign import WsseSigner
from worker.systems.kz_shep.operations import services
from worker.systems.kz_shep.senders import Sender
from worker.systems.kz_shep.system import KzShepSystem
from worker.systems.kz_shep.trust import Trust
from worker.systems.port import Attempt
from worker.transport.port import Answer

SEARCH = "kz-shep.medical-exemption.search.v1"
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def authority():
    return Authority.create("Test CA")


@pytest.fixture(scope="module")
def credential(authority):
    return authority.issue_seal(SUBJECT)


@pytest.fixture
def gateway(authority, credential):
    shep = ShepGateway(authority=authority.certificate, gateway=credential, now=lambda: NOW)
    shep.certificate = credential.certificate
    return shep


@pytest.fixture(params=["1.1", "1.2"])
def ask(request, authority, gateway, settings, schemas):
    """Search as the worker does, and return what the worker makes of the sandbox's answer."""
    client = authority.issue_signer(DOCTORS[0])
    chosen = settings.model_copy(update={"soap": request.param})
    system = KzShepSystem(
        chosen,
        services=services(chosen),
        schemas=schemas,
        senders={"one": Sender("sender-1", "invented-1")},
        signers={
            "one": WsseSigner(checked(Pkcs12Key("one", client.key, client.certificate), clock=lambda: NOW))
        },
        trust=Trust([gateway.certificate], now=lambda: NOW),
        client=ScriptedClient([]),
        now=lambda: NOW,
    )

    async def asked(data, change=lambda body: body):
        event = submission(SEARCH, data)
        prepared = await system.prepare(event, Attempt(1, str(uuid.UUID(int=1, version=4)), NOW, "identity"))
        got = gateway.answer(
            Request("POST", "/bip-sync-wss-gost/", "", dict(prepared.headers), change(prepared.request))
        )
        return system.interpret(
            event, prepared, Answer(got.status, {"content-type": got.content_type}, got.body)
        )

    return asked


async def test_a_search_is_answered(ask):
    outcome = await ask({"number": "01085"})
    assert isinstance(outcome, Accepted)
    assert [one["meaning"] for one in outcome.data["exemptions"]] == ["up-to-date"]


@pytest.mark.parametrize("how", [None, "empty", "nil"])
async def test_nothing_found_comes_with_its_notice(ask, gateway, how):
    gateway.control("variants", {"empty_list": how})
    outcome = await ask({"number": "99999"})
    assert isinstance(outcome, Accepted)
    assert (outcome.data["found"], outcome.data["notices"]["service"]) == (0, "Медицинский отвод не найден.")


async def test_a_fault_is_read(ask):
    outcome = await ask({"number": "01085"}, lambda body: body.replace(b">01085<", b">01086<"))
    assert isinstance(outcome, Blocked)
    assert "SCE006" in outcome.detail
