"""All five operations in a quiet hour: what leaves is signed and valid, what comes back keeps its contract."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime

import pytest

from tests.support.worker.evidence import Request, certificates, check_reply
from tests.support.worker.hospital import (
    CANCEL,
    CERTIFICATE,
    OPERATIONS,
    REACTION,
    REGISTER,
    SEARCH,
    SOURCE,
    Doctor,
    Patient,
    about,
    event,
    register,
    today,
)
from tests.support.worker.installation import Installation, serving
from tests.support.worker.kafka import Answers
from worker.admin.views import SubmissionDetail

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
REQUESTS = {REGISTER: "I001", SEARCH: "I003", REACTION: "I005", CANCEL: "I011", CERTIFICATE: "I013"}
ACCEPTED = {
    "register": REGISTER,
    "by-nrn": SEARCH,
    "by-lrn": SEARCH,
    "by-patient": SEARCH,
    "nothing": SEARCH,
    "reaction": REACTION,
    "certificate": CERTIFICATE,
    "certificate-by-number": CERTIFICATE,
    "certificate-by-patient": CERTIFICATE,
    "cancel": CANCEL,
}
REJECTED = {
    "second-course": REGISTER,
    "no-such-reaction": REACTION,
    "foreign-cancel": CANCEL,
    "no-certificate": CERTIFICATE,
}
SENT = ACCEPTED | REJECTED


@dataclass(frozen=True)
class Scene:
    """What was there when the last answer had come."""

    installation: Installation
    answers: Answers
    details: dict[str, SubmissionDetail]
    registrations: list[dict]
    patient: Patient
    lrn: str


@pytest.fixture(scope="module")
def scene(play):
    return play(_scene)


async def _scene(installation: Installation) -> Scene:
    patient, lrn = installation.patient(), "11111111-aaaa-4bbb-8ccc-000000000001"
    async with serving(installation.config()), installation.reading() as answers:
        await installation.publish(register("register", patient, lrn=lrn))
        await answers.answered(["register"])
        data = answers.only("register").json["data"]
        await installation.publish(*_desk_work(patient, lrn, data["nrn"], data["certificateNumber"]))
        await installation.publish(*_refused(installation, patient, data["nrn"]))
        await answers.answered([*SENT, "broken"])
        await installation.all_committed()
    details = dict(zip(SENT, await installation.details(SENT), strict=True))
    return Scene(installation, answers, details, installation.nhis.ledger()["registrations"], patient, lrn)


def _desk_work(patient: Patient, lrn: str, nrn: str, number: str) -> list:
    who = {"patient": {"identifierType": "egn", "identifier": patient.egn}}
    day = today().isoformat()
    return [
        event("by-nrn", SEARCH, patient, {"nrn": nrn}, traceparent=TRACE),
        event("by-lrn", SEARCH, patient, {"lrn": lrn}),
        event("by-patient", SEARCH, patient, {**who, "fromDate": day, "toDate": day}),
        event("nothing", SEARCH, patient, {**who, "fromDate": "2001-01-01", "toDate": "2001-01-02"}),
        about("reaction", REACTION, patient, nrn),
        about("certificate", CERTIFICATE, patient, nrn),
        event("certificate-by-number", CERTIFICATE, patient, {"certificateNumber": number}),
        event("certificate-by-patient", CERTIFICATE, patient, who),
        register("second-course", patient, specialCase=False),
        about("no-certificate", CERTIFICATE, patient, "ZZZZZZZZZZZZ"),
    ]


def _refused(installation: Installation, patient: Patient, nrn: str) -> list:
    another = next(doctor for doctor in installation.nhis.doctors if doctor != patient.doctor)
    foreign = Patient(patient.number, Doctor(another.signer, another.uin))
    return [
        about("no-such-reaction", REACTION, patient, "ZZZZZZZZZZZZ"),
        about("foreign-cancel", CANCEL, foreign, nrn),
        event("broken", CANCEL, patient, {"nrn": "short", "reason": ""}),
        about("cancel", CANCEL, patient, nrn),
    ]


@pytest.mark.parametrize("name", ACCEPTED)
def test_it_is_accepted_once_and_the_reply_keeps_its_schema(scene, name):
    reply = scene.answers.only(name)

    assert reply.kind == "accepted"
    assert len(scene.answers.of(name)) == 1
    assert reply.topic == scene.installation.topics.results
    assert reply.headers["ce_type"] == f"nhis.{ACCEPTED[name]}.accepted.v1"
    check_reply(reply)


@pytest.mark.parametrize("name", REJECTED)
def test_a_refusal_of_nhis_is_an_answer_with_its_errors_and_no_dead_letter(scene, name):
    reply = scene.answers.only(name)

    assert reply.kind == "rejected"
    assert reply.topic == scene.installation.topics.errors
    assert reply.json["errors"]
    assert reply.json["deadLetter"] is None
    check_reply(reply)


@pytest.mark.parametrize("name", SENT)
def test_the_signed_request_verifies_and_is_valid(scene, name):
    detail = scene.details[name]
    certificate = certificates(scene.installation.nhis)[detail.submission.signer]

    (attempt,) = detail.attempts
    request = Request(attempt, certificate)

    assert request.type == REQUESTS[SENT[name]]
    assert abs((datetime.fromisoformat(request.header("createdOn")) - attempt.sent_at).total_seconds()) < 1


@pytest.mark.parametrize("name", SENT)
def test_the_reply_has_key_identity_and_the_systems_answer_as_it_came(scene, name):
    reply, (attempt,) = scene.answers.only(name), scene.details[name].attempts

    assert reply.key == scene.patient.key
    assert reply.headers["ce_submissionid"] == name
    assert reply.headers["ce_submissionsource"] == SOURCE
    assert reply.headers["ce_revision"] == "1"
    assert reply.json["system"] == "nhis"
    assert reply.json["operation"] == SENT[name]
    assert reply.json["answer"]["body"].encode() == attempt.answer


def test_the_trace_goes_through(scene):
    assert scene.answers.only("by-nrn").headers["ce_traceparent"] == TRACE
    assert "ce_traceparent" not in scene.answers.only("by-lrn").headers


def test_a_registration_tells_what_nhis_registered(scene):
    data = scene.answers.only("register").json["data"]
    (registered,) = scene.registrations

    assert (data["nrn"], data["lrn"]) == (registered["nrn"], registered["lrn"])
    assert data["lrn"] == scene.lrn
    assert data["certificateNumber"] == registered["uvci"]
    assert registered["patient"] == scene.patient.in_ledger


def test_searches_find_what_is_there_and_nothing_else(scene):
    found = {name: scene.answers.only(name).json["data"] for name in ACCEPTED if ACCEPTED[name] == SEARCH}

    assert {name: one["found"] for name, one in found.items()} == {
        "by-nrn": 1,
        "by-lrn": 1,
        "by-patient": 1,
        "nothing": 0,
    }
    (result,) = found["by-patient"]["results"]
    assert result["immunization"]["lrn"] == scene.lrn
    assert result["patient"]["identifier"] == scene.patient.egn


@pytest.mark.parametrize("name", ["certificate", "certificate-by-number", "certificate-by-patient"])
def test_a_certificate_is_the_bytes_that_came(scene, name):
    data = scene.answers.only(name).json["data"]
    content = base64.b64decode(data["content"], validate=True)

    assert content.startswith(b"%PDF-")
    assert (len(content), hashlib.sha256(content).hexdigest()) == (data["bytes"], data["sha256"])
    assert data["certificateNumber"] == scene.registrations[0]["uvci"]


def test_the_cancellation_is_in_the_ledger(scene):
    assert scene.registrations[0]["status"] == "2"
    assert scene.answers.only("cancel").json["data"]["status"] == "2"


def test_a_broken_event_gets_a_failed_reply_and_a_dead_letter_with_all_its_headers(scene):
    reply = scene.answers.only("broken")
    (dead,) = scene.answers.dead_letters

    assert reply.kind == "failed"
    assert reply.json["code"] == "contract-violation"
    assert reply.json["operation"] == CANCEL
    assert {problem["path"] for problem in reply.json["problems"]} >= {"$.data.nrn", "$.data.reason"}
    assert reply.json["deadLetter"] == {
        "id": dead.headers["herald-dead-letter-id"],
        "topic": scene.installation.topics.dead_letters,
    }
    check_reply(reply)
    told = {name.removeprefix("herald-"): v for name, v in dead.headers.items() if name.startswith("herald-")}
    assert told.pop("dead-letter-id")
    assert int(told.pop("original-timestamp")) > 0
    assert int(told.pop("original-offset")) > 0
    assert told.pop("original-partition").isdigit()
    assert told == {
        "reason": "contract-violation",
        "system": "nhis",
        "operation": CANCEL,
        "signer": scene.patient.doctor.signer,
        "original-topic": scene.installation.topics.submissions,
        "attempts": "0",
        "replay-count": "0",
    }
    assert dead.headers["content-type"] == "application/cloudevents+json"


def test_no_evidence_holds_a_token(scene):
    for detail in scene.details.values():
        for attempt in detail.attempts:
            names = {name.lower() for name in (*attempt.request_headers, *(attempt.answer_headers or {}))}
            assert not names & {"authorization", "proxy-authorization", "cookie", "set-cookie"}


def test_every_operation_was_played():
    assert set(SENT.values()) == set(OPERATIONS)
