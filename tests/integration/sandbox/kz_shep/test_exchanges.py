"""The SHEP package against the sandbox: real TLS, signatures of both sides; only the engine is missing."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest

from sandbox.kz_shep.server import Sandbox
from tests.support.contract_events import submission
from worker.outcome import Accepted, Blocked, Rejected, Unknown
from worker.signing.registry import load_signers
from worker.signing.settings import NcanodeSettings, Pkcs12Signer
from worker.systems.dependencies import Dependencies
from worker.systems.kz_shep.build import build
from worker.systems.kz_shep.settings import KzShepSettings
from worker.systems.port import Attempt
from worker.transport.port import DeliveryError, SendGuard

SEARCH = "kz-shep.medical-exemption.search.v1"
KNOWN = "550310201040"


def now():
    return datetime.now(UTC)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    return tmp_path_factory.mktemp("kz-shep-pki")


@pytest.fixture
async def sandbox(certificates):
    async with Sandbox(certificates) as sandbox:
        yield sandbox


def signers_of(sandbox, kind):
    files = sandbox.pki.signers[0]
    both = {"file": files.pkcs12_file, "password_file": files.password_file}
    if kind == "pkcs12":
        return {"one": Pkcs12Signer(**both)}
    return {"one": NcanodeSettings(kind="ncanode", url=sandbox.url, ca_file=sandbox.ca_file, **both)}


@pytest.fixture
async def ask(sandbox):
    """Make one search as the engine does, and return what was sent, what came and what it means."""
    systems = []

    async def ask(data, *, kind="pkcs12", **changes):
        ready = sandbox.ready()
        given = {
            "url": ready["gateway_url"],
            "senders": {"one": ready["senders"][0]},
            "pinned_certificates": [ready["gateway_certificate_file"]],
            "transport": {"ca_file": sandbox.ca_file, "answer_timeout": 2, "total_timeout": 10},
        }
        signers = load_signers(signers_of(sandbox, kind), clock=now)
        assert not signers.problems
        dependencies = Dependencies(
            keys=signers.keys,
            documents=signers.documents,
            code_lists={},
            now=now,
            monotonic=lambda: 0.0,
        )
        system = build(KzShepSettings.model_validate(given | changes), dependencies)
        systems.append(system)
        event = submission(SEARCH, data)
        prepared = await system.prepare(event, Attempt(1, str(uuid.uuid4()), now(), system.identity(event)))
        answer = await system.exchange(prepared, SendGuard(lambda: True))
        return prepared, answer, system.interpret(event, prepared, answer)

    yield ask
    for system in systems:
        await system.close()


@pytest.mark.parametrize("kind", ["pkcs12", "ncanode"])
@pytest.mark.parametrize(
    ("data", "numbers"),
    [
        ({"number": "01085"}, ["01085"]),
        ({"iin": KNOWN}, ["01085", "01086"]),
        ({"passportNumber": "0012345678", "citizenshipCode": "SANDBOX-KG"}, ["03001"]),
        ({"number": "99999"}, []),
    ],
)
async def test_searches(ask, kind, data, numbers):
    _, _, outcome = await ask(data, kind=kind)
    assert isinstance(outcome, Accepted), outcome
    assert [one["number"] for one in outcome.data["exemptions"]] == numbers
    pdfs = [one for one in outcome.data["exemptions"] if one["status"] == "UP_TO_DATE"]
    for one in pdfs:
        for name in ("certificate", "printableCertificate"):
            assert one[name]["mediaType"] == "application/pdf"
            assert one[name]["sha256"] in outcome.data["contents"]


@pytest.mark.parametrize("variants", [{"garbled": True}, {"key_identifier": True}])
async def test_the_ways_of_real_gateways(sandbox, ask, variants):
    sandbox.service.stand_in.control("variants", variants)
    _, _, outcome = await ask({"iin": KNOWN})
    assert isinstance(outcome, Accepted), outcome
    assert outcome.data["found"] == 2


async def test_a_code_for_nothing_found_is_a_refusal_until_it_is_named(sandbox, ask):
    sandbox.service.stand_in.control("variants", {"not_found_code": "NO_SUCH"})
    _, _, refused = await ask({"number": "99999"})
    assert isinstance(refused, Rejected)
    assert [one.type for one in refused.errors] == ["NO_SUCH"]
    _, _, outcome = await ask({"number": "99999"}, status_codes={"nothing_found": ["no_such"]})
    assert outcome.data["found"] == 0


async def test_an_answer_of_somebody_who_is_not_pinned_is_not_believed(sandbox, ask):
    _, _, outcome = await ask({"iin": KNOWN}, pinned_certificates=[sandbox.pki.outsider.certificate_file])
    assert isinstance(outcome, Unknown)
    assert "pinned" in outcome.detail


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("bare", [False, True])
async def test_a_wrong_service_or_sender_is_blocked(sandbox, ask, signed, bare):
    sandbox.service.stand_in.control("variants", {"signed_faults": signed, "bare_security_faults": bare})
    _, _, outcome = await ask({"iin": KNOWN}, service_ids={"medical-exemption.search": "NO_SUCH"})
    assert isinstance(outcome, Blocked)
    assert "SCE004" in outcome.detail


async def test_the_credentials_are_on_the_wire_alone(ask):
    prepared, answer, outcome = await ask({"iin": KNOWN})
    for secret in (b"sender-1", b"invented-1"):
        assert secret in prepared.request
        assert secret not in prepared.evidence
        assert secret not in answer.kept().body
    assert "invented-1" not in repr((prepared, answer, outcome))


async def test_a_wrong_password_is_not_repeated(ask, sandbox, tmp_path):
    (tmp_path / "password").write_text("wrong-word")
    sender = {"sender_id": "sender-1", "password_file": tmp_path / "password"}
    _, answer, outcome = await ask({"iin": KNOWN}, senders={"one": sender})
    assert not isinstance(outcome, Accepted | Rejected)
    assert b"wrong-word" not in answer.kept().body
    assert b"sender-1" not in answer.kept().body


@pytest.mark.parametrize("kind", ["drop-before", "drop-after", "hang-after", "truncate"])
async def test_an_answer_that_does_not_come_is_reported_as_sent(sandbox, ask, kind):
    sandbox.faults.add(kind)
    with pytest.raises(DeliveryError) as lost:
        await ask({"iin": KNOWN})
    assert lost.value.sent


@pytest.mark.parametrize("kind", ["garbage", "wrong-answer"])
async def test_what_is_no_answer_to_it_is_not_taken_for_one(sandbox, ask, kind):
    sandbox.faults.add(kind)
    _, _, outcome = await ask({"iin": KNOWN})
    assert isinstance(outcome, Unknown)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (503, "own", Unknown),
        (503, "html", Unknown),
        (500, "own", Unknown),
        (500, "html", Unknown),
        (404, "html", Blocked),
    ],
)
async def test_failures_of_the_gateway(sandbox, ask, status, body, kind):
    sandbox.faults.add("status", status=status, body=body)
    _, _, outcome = await ask({"iin": KNOWN})
    assert isinstance(outcome, kind), outcome
