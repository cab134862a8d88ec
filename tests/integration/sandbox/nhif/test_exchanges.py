"""The package against the sandbox, over TLS with client certificates: every kind of answer, and who is let in."""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, datetime

import pytest

from contracts.reasons import Reason
from sandbox.nhif.server import Sandbox
from tests.support.contract_events import submission
from worker.outcome import Accepted, Blocked, Rejected, Unknown
from worker.signing.registry import load_signers
from worker.signing.settings import Pkcs12Signer
from worker.systems.dependencies import Dependencies
from worker.systems.nhif.build import build
from worker.systems.nhif.settings import NhifSettings
from worker.systems.port import Attempt
from worker.transport.port import DeliveryError, SendGuard

CATALOGUE = """
services:
  - module: example
    version: v1
    service: LIST01
    method: GET
    parameters: [{name: text, type: string}, {name: more, type: string, required: false}]
  - {module: example, version: v1, service: LIST02, method: GET, answer: xml}
  - {module: example, version: v1, service: LIST99, method: GET}
"""
READ, SUBMIT = "nhif.service.read.v1", "nhif.document.submit.v1"
PBR001 = {"module": "pspsmi", "version": "v1.2", "service": "PBR001", "json": {"operatorsOwn": "invented"}}


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def nhif(tmp_path):
    async with Sandbox(tmp_path / "sandbox") as sandbox:
        yield sandbox


@pytest.fixture
async def send(nhif, tmp_path):
    (tmp_path / "catalogue.yaml").write_text(CATALOGUE)
    files = {signer.name: signer for signer in nhif.pki.signers}
    configured = {
        name: Pkcs12Signer(file=one.pkcs12_file, password_file=one.password_file)
        for name, one in files.items()
    }
    settings = NhifSettings(
        api_url=nhif.url,
        senders=tuple(files),
        catalogue_file=tmp_path / "catalogue.yaml",
        transport={"ca_file": nhif.ca_file, "answer_timeout": 1, "connect_timeout": 1, "total_timeout": 2},
    )
    keys = load_signers(configured, clock=now).keys
    system = build(settings, Dependencies(keys, {}, {}, now=now, monotonic=lambda: 0.0))

    async def send(event_type, data, signer="dr-petrov"):
        event = submission(event_type, data, signer=signer)
        prepared = await system.prepare(event, Attempt(1, str(uuid.uuid4()), now(), "identity"))
        answer = await system.exchange(prepared, SendGuard(lambda: True))
        return system.interpret(event, prepared, answer)

    send.system = system
    yield send
    await system.close()


def read(service, **parameters):
    return {"module": "example", "version": "v1", "service": service, "parameters": parameters}


async def test_a_list_arrives_as_it_was_asked_for(send):
    outcome = await send(READ, read("LIST01", text="a/b;c ж", more="..."))
    assert isinstance(outcome, Accepted)
    told = outcome.data["content"]["json"]
    assert (told["parameter1"], told["parameter2"]) == ("a/b;c ж", "...")


async def test_a_list_of_xml(send):
    outcome = await send(READ, read("LIST02"))
    assert outcome.data["content"]["xml"].startswith("<?xml")


async def test_a_document_arrives_byte_for_byte(send, nhif):
    outcome = await send(SUBMIT, PBR001, "dr-ivanova")
    assert isinstance(outcome, Accepted)
    (taken,) = nhif.service.stand_in.ledger()["documents"]
    assert taken["sha256"] == hashlib.sha256(b'{"operatorsOwn":"invented"}').hexdigest()
    assert taken["signer"] == "dr-ivanova"


async def test_a_stranger_is_blocked(send, nhif):
    nhif.service.stand_in.control("strangers", ["dr-petrov"])
    outcome = await send(SUBMIT, PBR001)
    assert isinstance(outcome, Blocked)
    assert outcome.reason == Reason.ACCESS_DENIED
    assert isinstance(await send(SUBMIT, PBR001, "dr-ivanova"), Accepted)


async def test_a_service_that_nhif_lacks_is_a_matter_of_configuration(send):
    outcome = await send(READ, read("LIST99"))
    assert (type(outcome), outcome.reason) == (Blocked, Reason.NOT_FOUND)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"kind": "status", "status": 503, "body": "html"}, Unknown),
        ({"kind": "status", "status": 500, "body": "own"}, Unknown),
        ({"kind": "status", "status": 422, "body": "own"}, Rejected),
        ({"kind": "status", "status": 200, "body": "html"}, Unknown),
        ({"kind": "status", "status": 403, "body": "empty"}, Blocked),
    ],
)
async def test_faults_that_answer(send, nhif, fault, kind):
    nhif.faults.load([fault])
    assert type(await send(SUBMIT, PBR001)) is kind
    assert nhif.service.stand_in.ledger()["documents"] == []


@pytest.mark.parametrize(
    ("fault", "taken"),
    [("drop-after", 1), ("hang-after", 1), ("drop-before", 0), ("hang-before", 0), ("truncate", 1)],
)
async def test_an_answer_that_is_lost_leaves_the_outcome_unknown(send, nhif, fault, taken):
    nhif.faults.add(fault)
    with pytest.raises(DeliveryError) as lost:
        await send(SUBMIT, PBR001)
    assert lost.value.sent
    assert len(nhif.service.stand_in.ledger()["documents"]) == taken


async def test_a_probe_finds_it_alive(send):
    assert await send.system.probe() is None
