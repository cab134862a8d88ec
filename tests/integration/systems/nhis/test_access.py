"""Tokens, certificates and trouble on the wire, against the sandbox."""

from __future__ import annotations

import asyncio

import pytest

from contracts.reasons import Reason
from tests.integration.systems.nhis.conftest import keys_of, now, settings_for
from tests.integration.systems.nhis.test_operations import CANCEL, SEARCH, event, registration
from worker.outcome import Accepted, Blocked, Retry, Unknown
from worker.signing.checked import checked
from worker.signing.keys.pkcs12 import load_pkcs12
from worker.signing.settings import Pkcs12Signer
from worker.systems.nhis.build import build_nomenclatures, nomenclature_schemas
from worker.systems.port import NotPrepared, Refused
from worker.transport.clients import HttpClients
from worker.transport.port import DeliveryError, SendGuard


@pytest.mark.parametrize("auth", ["challenge", "mtls"])
async def test_both_ways_to_a_token(worker_for, auth):
    async with worker_for(auth=auth) as worker:
        assert isinstance(await worker.send(registration()), Accepted)


@pytest.mark.parametrize("auth", ["challenge", "mtls"])
async def test_each_signer_gets_a_token_of_its_own(worker_for, sandbox, auth):
    async with worker_for(auth=auth) as worker:
        for signer in sandbox.signers:
            sent = await worker.prepare(event(SEARCH, {"nrn": "0A1B2C3D4E5F"}, signer.name))
            outcome = worker.system.interpret(
                event(SEARCH, {"nrn": "0A1B2C3D4E5F"}),
                sent,
                await worker.system.exchange(sent, SendGuard(lambda: True)),
            )
            assert isinstance(outcome, Accepted)


async def test_many_submissions_share_one_token(worker, sandbox):
    events = [event(SEARCH, {"nrn": "0A1B2C3D4E5F"}) for _ in range(20)]
    prepared = await asyncio.gather(*(worker.prepare(one) for one in events))
    assert len({one.secret_headers["authorization"] for one in prepared}) == 1


async def test_an_expired_token_is_renewed_once(worker, sandbox):
    sent = registration()
    await worker.prepare(sent)
    sandbox.state.access.forget_all()
    prepared = await worker.prepare(sent)
    outcome = worker.system.interpret(
        sent, prepared, await worker.system.exchange(prepared, SendGuard(lambda: True))
    )
    assert isinstance(outcome, Retry)
    assert (outcome.reason, outcome.reauthorize, outcome.delay) == (Reason.TOKEN_REFUSED, True, 0)
    await worker.system.reauthorize(prepared)
    assert isinstance(await worker.send(sent), Accepted)


async def test_a_message_signed_by_another_certificate_is_blocked_and_says_by_which(worker, sandbox):
    """A token of one certificate, a signature of another: 403."""
    keys = keys_of(sandbox)
    sent = registration()
    await worker.system._tokens.get("dr-ivanova")
    worker.system._keys = {**keys, "dr-ivanova": keys["dr-petrov"]}
    outcome = await worker.send(sent)
    assert isinstance(outcome, Blocked)
    assert outcome.reason == Reason.ACCESS_DENIED
    assert sandbox.ledger.registrations == []


async def test_a_certificate_that_nhis_does_not_know_gets_no_token(worker_for, sandbox):
    outsider = sandbox.pki.outsider
    keys = dict(keys_of(sandbox))
    files = Pkcs12Signer(file=outsider.pkcs12_file, password_file=outsider.password_file)
    keys["dr-ivanova"] = checked(load_pkcs12("dr-ivanova", files, clock=now), clock=now)
    async with worker_for(keys=keys) as worker:
        with pytest.raises(NotPrepared) as stopped:
            await worker.prepare(registration())
    assert isinstance(stopped.value.outcome, Blocked)
    assert f"{keys['dr-ivanova'].known.certificate.serial_number:x}" in stopped.value.outcome.detail


async def test_a_wrong_path_is_the_operators_matter(worker_for):
    async with worker_for(paths={"search": "/v9/nowhere"}) as worker:
        outcome = await worker.send(event(SEARCH, {"nrn": "0A1B2C3D4E5F"}))
    assert (type(outcome), outcome.reason) == (Blocked, Reason.NOT_FOUND)


@pytest.mark.parametrize(
    ("fault", "kind", "reason"),
    [
        ({"kind": "status", "status": 500, "body": "own"}, Unknown, Reason.SERVER_ERROR),
        ({"kind": "status", "status": 500, "body": "html"}, Unknown, Reason.SERVER_ERROR),
        ({"kind": "status", "status": 500, "body": "empty"}, Unknown, Reason.SERVER_ERROR),
        ({"kind": "status", "status": 503, "headers": {"Retry-After": "7"}}, Unknown, Reason.UNAVAILABLE),
        ({"kind": "status", "status": 429, "headers": {"Retry-After": "7"}}, Retry, Reason.TOO_MANY_REQUESTS),
        ({"kind": "status", "status": 413}, Blocked, Reason.REQUEST_TOO_LARGE),
        ({"kind": "garbage"}, Unknown, Reason.UNREADABLE_ANSWER),
        ({"kind": "wrong-answer"}, Unknown, Reason.UNEXPECTED_MESSAGE),
        ({"kind": "expire-tokens"}, Retry, Reason.TOKEN_REFUSED),
    ],
)
async def test_what_goes_wrong_is_read_for_what_it_is(worker, sandbox, fault, kind, reason):
    sandbox.faults.load([{**fault, "match": {"messageType": "I001"}, "times": 1}])
    outcome = await worker.send(registration())
    assert (type(outcome), outcome.reason) == (kind, reason)
    if "headers" in fault:
        assert outcome.delay == 7.0


@pytest.mark.parametrize("fault", ["drop-after", "truncate", "hang-after"])
async def test_a_lost_answer_ends_as_one_registration(worker, sandbox, fault):
    sandbox.faults.add(fault, match={"messageType": "I001"}, times=1)
    sent = registration()
    with pytest.raises(DeliveryError) as lost:
        await worker.send(sent)
    assert lost.value.sent
    found = await worker.send(sent)
    settled = await worker.look_up(sent, found)
    assert isinstance(settled, Accepted)
    assert settled.data["alreadyRegistered"]
    assert len(sandbox.ledger.registrations) == 1


async def test_a_lost_cancellation_ends_as_one(worker, sandbox):
    nrn = (await worker.send(registration())).data["nrn"]
    cancellation = event(CANCEL, {"nrn": nrn, "reason": "Грешна партида"})
    sandbox.faults.add("drop-after", match={"messageType": "I011"}, times=1)
    with pytest.raises(DeliveryError):
        await worker.send(cancellation)
    settled = await worker.look_up(cancellation, await worker.send(cancellation))
    assert settled == Accepted({"nrn": nrn, "status": "2", "alreadyCancelled": True})


async def test_a_probe_sees_an_outage_and_its_end(worker, sandbox):
    assert await worker.system.probe() is None
    sandbox.start_outage(0.5)
    await asyncio.sleep(0.1)
    assert await worker.system.probe() is not None
    await asyncio.sleep(0.7)
    assert await worker.system.probe() is None


async def test_a_root_that_answers_503_fails_the_probe_and_keeps_no_submission_back(worker, sandbox):
    sandbox.service.root_status = 503
    assert await worker.system.probe() == "NHIS answers 503"
    assert isinstance(await worker.send(registration()), Accepted)


async def test_nomenclatures_are_pulled_and_used(worker_for, sandbox):
    settings = settings_for(sandbox)
    http = HttpClients(settings.transport)
    try:
        ids = iter(f"00000000-0000-4000-8000-{number:012}" for number in range(100))
        nomenclatures = build_nomenclatures(
            settings, now=now, new_id=lambda: next(ids), http=http, schemas=nomenclature_schemas(settings)
        )
        pulled = await nomenclatures.pull()
    finally:
        await http.aclose()
    assert pulled.problems == ()
    lists = {one.id: one for one in pulled.lists}
    assert set(lists) == {*settings.nomenclatures, "C004"}
    assert "2998" in lists["CL037"].codes
    lot = next(meta["lotNumber"] for meta in lists["C004"].codes.values() if meta["vaccineCode"] == "2998")
    async with worker_for(code_lists=lists) as worker:
        assert isinstance(await worker.send(registration(lotNumber=lot)), Accepted)
        with pytest.raises(Refused) as refused:
            await worker.system.check(registration(vaccineCode="424242", lotNumber=None))
    assert refused.value.reason == Reason.UNKNOWN_CODE
    assert [problem.path for problem in refused.value.problems] == ["$.data.immunization.vaccineCode"]
    assert len(sandbox.ledger.registrations) == 1
