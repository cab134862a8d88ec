"""Every operation against the sandbox, which checks signature, schema and business rules on its own."""

from __future__ import annotations

import base64
import copy
import uuid

import pytest

from contracts.nhis.events import EVENTS
from contracts.reasons import Reason
from contracts.registry import EVENT_TYPES
from sandbox.nhis.server import Sandbox
from tests.support.contract_events import submission
from tests.support.signing.xmlsec_verify import verified
from tests.support.systems.nhis.bundles import bundle_of_moments
from worker.outcome import Accepted, AlreadyExists, Rejected, Unknown

REGISTER, SEARCH, REACTION, CANCEL, CERTIFICATE = (one.event_type for one in EVENTS)
DOCTOR = "dr-ivanova"
UIN = "2300000011"


def registration(**immunization):
    """Return the example as this doctor's; a change with None takes the field out."""
    data = copy.deepcopy(EVENT_TYPES[REGISTER].example)
    data["performer"]["uin"] = UIN
    data["immunization"] |= {"lrn": str(uuid.uuid4())} | immunization
    data["immunization"] = {name: value for name, value in data["immunization"].items() if value is not None}
    return event(REGISTER, data)


def event(type_, data, signer=DOCTOR):
    return submission(type_, data, signer=signer, event_id=str(uuid.uuid4()))


async def registered(worker, **immunization) -> dict:
    outcome = await worker.send(registration(**immunization))
    assert isinstance(outcome, Accepted), outcome
    return dict(outcome.data)


async def test_register(worker, sandbox):
    data = await registered(worker)
    (line,) = sandbox.ledger.registrations
    assert data == {"nrn": line.nrn, "lrn": line.lrn, "status": "1"}


async def test_the_dose_that_completes_the_series_brings_a_certificate_number(worker, sandbox):
    data = await registered(worker, seriesDoses=1, nextDoseDate=None)
    assert data["certificateNumber"] == sandbox.ledger.registrations[0].uvci
    outcome = await worker.send(event(CERTIFICATE, {"nrn": data["nrn"]}))
    assert isinstance(outcome, Accepted)
    content = base64.b64decode(outcome.data["content"])
    assert content.startswith(b"%PDF-")
    assert outcome.data["bytes"] == len(content)
    assert outcome.data["mediaType"] == "application/pdf"
    assert outcome.data["certificateNumber"] == data["certificateNumber"]


PATIENT = {"identifierType": "egn", "identifier": "7223154154"}


async def test_search_in_every_way(worker):
    event_sent = registration(note="Бележка")
    outcome = await worker.send(event_sent)
    ways = [
        {"nrn": outcome.data["nrn"]},
        {"lrn": outcome.data["lrn"]},
        {"patient": PATIENT, "fromDate": "2025-03-14", "toDate": "2025-03-14"},
    ]
    sent = event_sent.data.model_dump(mode="json", by_alias=True, exclude_none=True)
    sent["immunization"]["doseQuantity"]["value"] = 0.5
    for way in ways:
        found = await worker.send(event(SEARCH, way))
        assert isinstance(found, Accepted)
        assert found.data["found"] == 1
        (shown,) = found.data["results"]
        assert shown["immunization"] == {**sent["immunization"], "nrn": outcome.data["nrn"], "status": "1"}
        assert shown["patient"] == sent["patient"]
        assert shown["performer"] == sent["performer"]


@pytest.mark.parametrize("way", [{"nrn": "0A1B2C3D4E5F"}, {"patient": PATIENT, "fromDate": "2025-01-01"}])
async def test_nothing_found_is_a_result(worker, way):
    assert await worker.send(event(SEARCH, way)) == Accepted({"found": 0, "results": []})


async def test_an_adverse_reaction(worker):
    nrn = (await registered(worker))["nrn"]
    data = copy.deepcopy(EVENT_TYPES[REACTION].example) | {"nrn": nrn}
    outcome = await worker.send(event(REACTION, data))
    assert isinstance(outcome, Accepted)
    assert outcome.data["nrn"] == nrn


@pytest.mark.parametrize(("request_code", "answer_code"), [("I011", "I012"), ("I007", "I008")])
async def test_cancel_by_either_pair_of_codes(worker_for, sandbox, request_code, answer_code):
    async with worker_for(cancel_codes={"request": request_code, "answer": answer_code}) as worker:
        nrn = (await registered(worker))["nrn"]
        outcome = await worker.send(event(CANCEL, {"nrn": nrn, "reason": "Грешна партида"}))
    assert outcome == Accepted({"nrn": nrn, "status": "2"})
    assert sandbox.ledger.registrations[0].status == "2"


async def test_a_business_rule_is_answered_field_by_field(worker):
    outcome = await worker.send(registration(previousNrn="0A1B2C3D4E5F", doseNumber=2))
    assert isinstance(outcome, Rejected)
    (error,) = outcome.errors
    assert (error.type, error.faulty_attribute, error.description) == (
        "E002",
        "immunization/nrnPrevImmunization",
        ("RL062",),
    )
    assert error.reason


async def test_a_repeated_lrn_is_confirmed_by_a_look_up(worker, sandbox):
    first = registration()
    data = (await worker.send(first)).data
    found = await worker.send(first)
    assert isinstance(found, AlreadyExists)
    assert found.reference == data["nrn"]
    assert await worker.look_up(first, found) == Accepted({**data, "alreadyRegistered": True})
    assert len(sandbox.ledger.registrations) == 1


async def test_a_repeated_lrn_for_something_else_is_rejected(worker):
    data = await registered(worker)
    other = registration(lrn=data["lrn"], lotNumber="OTHER")
    found = await worker.send(other)
    assert isinstance(found, AlreadyExists)
    assert await worker.look_up(other, found) == Rejected(found.errors)


@pytest.mark.parametrize("look_up_by", ["lrn", "patient"])
async def test_a_rejection_in_doubt_is_settled_by_what_nhis_holds(worker_for, look_up_by):
    async with worker_for(look_up_by=look_up_by) as worker:
        sent = registration()
        rejection = Rejected(())
        assert await worker.look_up(sent, rejection) == rejection
        data = (await worker.send(sent)).data
        assert await worker.look_up(sent, rejection) == Accepted({**data, "alreadyRegistered": True})


async def test_a_repeated_cancellation_is_confirmed_by_its_status(worker):
    nrn = (await registered(worker))["nrn"]
    cancellation = event(CANCEL, {"nrn": nrn, "reason": "Грешна партида"})
    await worker.send(cancellation)
    found = await worker.send(cancellation)
    assert isinstance(found, AlreadyExists)
    assert await worker.look_up(cancellation, found) == Accepted(
        {"nrn": nrn, "status": "2", "alreadyCancelled": True}
    )


async def test_a_cancellation_that_another_may_not_make_stays_rejected(worker):
    nrn = (await registered(worker))["nrn"]
    cancellation = event(CANCEL, {"nrn": nrn, "reason": "Грешна партида"}, signer="dr-petrov")
    outcome = await worker.send(cancellation)
    assert isinstance(outcome, Rejected)
    assert await worker.look_up(cancellation, outcome) == outcome


@pytest.mark.parametrize("type_", [SEARCH, REACTION, CANCEL, CERTIFICATE, REGISTER])
async def test_what_is_sent_is_verified_by_libxmlsec1(worker, type_):
    sent = registration() if type_ == REGISTER else event(type_, EVENT_TYPES[type_].example)
    prepared = await worker.prepare(sent)
    certificate = worker.system._keys[DOCTOR].known.certificate
    assert verified(prepared.request, certificate).find(".//{*}senderId").get("value") == UIN


async def test_the_order_that_nhis_demands_is_a_setting(certificates, worker_for):
    data = copy.deepcopy(EVENT_TYPES[REGISTER].example)
    data["performer"] |= {
        "uin": UIN,
        "accompanying": [{"uin": "0000000002", "qualification": {"code": "1015", "nhifCode": "15"}}],
    }
    async with Sandbox(certificates, message_order="production") as sandbox:
        async with worker_for(at=sandbox) as worker:
            refused = await worker.send(event(REGISTER, data))
        async with worker_for(at=sandbox, message_order="production") as worker:
            accepted = await worker.send(event(REGISTER, data))
            found = await worker.send(event(SEARCH, {"nrn": accepted.data["nrn"]}))
    assert isinstance(refused, Rejected)
    assert [error.type for error in refused.errors] == ["E002"] * len(refused.errors)
    (shown,) = found.data["results"]
    assert shown["patient"] == data["patient"]
    assert shown["performer"] == data["performer"]


async def test_dates_are_moments_where_the_schema_says_so(certificates, worker_for, tmp_path):
    bundle = bundle_of_moments(tmp_path)
    async with (
        Sandbox(certificates, schemas=bundle) as sandbox,
        worker_for(at=sandbox, schema_dir=bundle, shows_reactions=True) as worker,
    ):
        sent = registration()
        data = (await worker.send(sent)).data
        assert await worker.look_up(sent, Rejected(())) == Accepted({**data, "alreadyRegistered": True})
        search = {"patient": PATIENT, "fromDate": "2025-03-14", "toDate": "2025-03-14"}
        (shown,) = (await worker.send(event(SEARCH, search))).data["results"]
        assert shown["immunization"]["occurrence"] == "2025-03-14T00:00:00+02:00"
        reaction = event(REACTION, copy.deepcopy(EVENT_TYPES[REACTION].example) | {"nrn": data["nrn"]})
        number = (await worker.send(reaction)).data["reactionNumber"]
        lost = Unknown(Reason.ANSWER_TIMEOUT, "no answer came")
        assert await worker.look_up(reaction, lost) == Accepted(
            {"nrn": data["nrn"], "reactionNumber": number, "alreadyRegistered": True}
        )


async def test_a_warning_and_every_certificate_reach_the_reply(worker):
    expired = {"expirationDate": "2025-03-13"}
    first = await registered(worker, seriesDoses=1, nextDoseDate=None, generateCertificate=True, **expired)
    assert [one["code"] for one in first["warnings"]] == ["W001"]
    second = await registered(worker, seriesDoses=1, nextDoseDate=None, vaccineCode="-1003")
    fetched = (await worker.send(event(CERTIFICATE, {"patient": PATIENT}))).data
    numbers = [fetched["certificateNumber"], *(one["certificateNumber"] for one in fetched["others"])]
    assert numbers == [second["certificateNumber"], first["certificateNumber"]]
