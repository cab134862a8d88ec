"""Every operation meets every fault: one answer, of the kind that its recovery rule says, and once in the ledger.

All of them at once in one worker, each with a patient of its own: a fault of one must not touch the others.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product

import pytest

from tests.support.worker.evidence import Request, certificates, check_reply
from tests.support.worker.hospital import (
    CANCEL,
    CERTIFICATE,
    OPERATIONS,
    REACTION,
    REGISTER,
    SEARCH,
    Event,
    Patient,
    about,
    register,
)
from tests.support.worker.installation import Installation, serving
from tests.support.worker.kafka import Answers
from worker.admin.views import SubmissionDetail

MESSAGES = {REGISTER: "I001", SEARCH: "I003", REACTION: "I005", CANCEL: "I011", CERTIFICATE: "I013"}
ANSWER_TIMEOUT = 2.0
RETRY_AFTER = 2
FAULTS = {
    "drop-before": {},
    "drop-after": {},
    "hang-after": {"seconds": 30},
    "truncate": {},
    "garbage": {},
    "wrong-answer": {},
    "status 500": {"status": 500, "body": "html"},
    "status 503": {"status": 503, "body": "html"},
    "status-after 503": {"status": 503, "body": "html"},
    "status 429": {"status": 429, "body": "empty", "headers": {"Retry-After": str(RETRY_AFTER)}},
}
REFUSED = "connection refused"
PROCESSED = {"drop-after", "hang-after", "truncate", "garbage", "wrong-answer", "status-after 503"}
"""After these NHIS has done what it was asked, and the worker cannot know."""
CERTAIN = {"status 429", REFUSED}
"""After these the worker knows that nothing was done."""
CASES = [*product(OPERATIONS, [*FAULTS, REFUSED])]
EVERY = pytest.mark.parametrize(("operation", "fault"), CASES)


def name(operation: str, fault: str) -> str:
    return f"{operation} / {fault}"


def is_held(operation: str, fault: str) -> bool:
    return operation == REACTION and fault not in CERTAIN


@dataclass(frozen=True)
class Scene:
    """What was there when everything was answered."""

    installation: Installation
    answers: Answers
    details: dict[str, SubmissionDetail]
    ledger: dict
    patients: dict[str, Patient]
    nrns: dict[str, str]
    seconds: dict[str, float]


@pytest.fixture(scope="module")
def scene(play):
    return play(_scene)


async def _scene(installation: Installation) -> Scene:
    people = {name(*case): installation.patient() for case in CASES}
    transport = {"answer_timeout": ANSWER_TIMEOUT, "connect_timeout": 2, "total_timeout": 3}
    # Every patient meets a fault of its own at the same time: that is not the system's trouble here.
    circuit = {"failures": 1000}
    config = installation.config({"systems": {"nhis": {"transport": transport}}, "circuit": circuit})
    async with serving(config), installation.reading() as answers:
        nrns = await _immunized(installation, answers, people)
        events = {one: _event(one, people[one], nrns) for one in people}
        for operation, fault in product(OPERATIONS, FAULTS):
            _arm(installation, operation, fault, people[name(operation, fault)], nrns)
        await installation.publish(*(events[name(*case)] for case in product(OPERATIONS, FAULTS)))
        await answers.answered(name(*case) for case in product(OPERATIONS, FAULTS))
        await asyncio.to_thread(installation.nhis.outage, 1.5)
        await installation.publish(*(events[name(operation, REFUSED)] for operation in OPERATIONS))
        await answers.answered(events)
        await answers.settle()
        await installation.all_committed()
    details = dict(zip(events, await installation.details(events), strict=True))
    seconds = {
        one: (detail.submission.finished_at - detail.submission.received_at).total_seconds()
        for one, detail in details.items()
    }
    return Scene(installation, answers, details, installation.nhis.ledger(), people, nrns, seconds)


async def _immunized(
    installation: Installation, answers: Answers, people: dict[str, Patient]
) -> dict[str, str]:
    """Register a dose for everyone whose case needs one, and return the NRNs."""
    needed = {one: patient for one, patient in people.items() if not one.startswith(REGISTER)}
    await installation.publish(*(register(f"before {one}", patient) for one, patient in needed.items()))
    await answers.answered(f"before {one}" for one in needed)
    return {one: answers.only(f"before {one}").json["data"]["nrn"] for one in needed}


def _event(case: str, patient: Patient, nrns: dict[str, str]) -> Event:
    operation = case.partition(" / ")[0]
    return register(case, patient) if operation == REGISTER else about(case, operation, patient, nrns[case])


def _arm(
    installation: Installation, operation: str, fault: str, patient: Patient, nrns: dict[str, str]
) -> None:
    """Let the first message of this case meet its fault."""
    who = {"patient": patient.egn} if operation == REGISTER else {"nrn": nrns[name(operation, fault)]}
    match = {"messageType": MESSAGES[operation], **who}
    installation.nhis.fault(fault.partition(" ")[0], match=match, **FAULTS[fault])


def _in_ledger(scene: Scene, operation: str, fault: str) -> int:
    """How often NHIS did what the submission asked for."""
    case = name(operation, fault)
    if operation == REGISTER:
        lrn = scene.details[case].submission.identity
        return sum(one["lrn"] == lrn for one in scene.ledger["registrations"])
    kept = scene.ledger["reactions" if operation == REACTION else "cancellations"]
    return sum(one["nrn"] == scene.nrns[case] for one in kept)


@EVERY
def test_there_is_one_answer_of_the_kind_that_the_recovery_rule_says(scene, operation, fault):
    reply = scene.answers.only(name(operation, fault))

    assert reply.kind == ("held" if is_held(operation, fault) else "accepted")
    assert len(scene.answers.of(reply.submission)) == 1
    check_reply(reply)


@pytest.mark.parametrize(
    ("operation", "fault"), [case for case in CASES if case[0] not in (SEARCH, CERTIFICATE)]
)
def test_nhis_did_it_once_or_at_most_once_where_a_person_decides(scene, operation, fault):
    done = 1 if not is_held(operation, fault) or fault in PROCESSED else 0

    assert _in_ledger(scene, operation, fault) == done


@EVERY
def test_only_what_nhis_had_done_already_is_said_to_have_been_there(scene, operation, fault):
    data = scene.answers.only(name(operation, fault)).json.get("data", {})
    said = data.get("alreadyRegistered") or data.get("alreadyCancelled") or False

    assert said == (operation in (REGISTER, CANCEL) and fault in PROCESSED)


@EVERY
def test_every_attempt_was_signed_anew_and_is_the_same_submission(scene, operation, fault):
    detail = scene.details[name(operation, fault)]
    certificate = certificates(scene.installation.nhis)[detail.submission.signer]

    sent = [Request(attempt, certificate) for attempt in detail.attempts if attempt.purpose == "submit"]

    assert len({attempt.message_id for attempt in detail.attempts}) == len(detail.attempts)
    created = [datetime.fromisoformat(request.header("createdOn")) for request in sent]
    assert created == sorted(set(created))
    assert {request.type for request in sent} == {MESSAGES[operation]}
    if operation == REGISTER:
        lrns = {request.contents("immunization/lrn") for request in sent}
        assert lrns == {detail.submission.identity}


@EVERY
def test_the_attempts_are_those_that_the_fault_takes(scene, operation, fault):
    purposes = Counter(attempt.purpose for attempt in scene.details[name(operation, fault)].attempts)

    if is_held(operation, fault):
        assert purposes == {"submit": 1}
    elif fault == REFUSED:
        assert purposes["submit"] >= 2
    elif operation in (REGISTER, CANCEL) and fault in PROCESSED:
        assert purposes == {"submit": 2, "look-up": 1}
    else:
        assert purposes == {"submit": 2}


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault not in CERTAIN])
def test_what_is_held_is_a_dead_letter_that_tells_its_story(scene, fault):
    case = name(REACTION, fault)
    detail, reply = scene.details[case], scene.answers.only(case)
    dead_id = reply.json["deadLetter"]["id"]
    (dead,) = [one for one in scene.answers.dead_letters if one.headers["herald-dead-letter-id"] == dead_id]
    row = detail.submission

    assert reply.json["code"] == "outcome-unknown"
    told = {name.removeprefix("herald-"): v for name, v in dead.headers.items() if name.startswith("herald-")}
    for end, at in (("first", row.first_attempt), ("last", row.last_attempt)):
        assert abs(datetime.fromisoformat(told.pop(f"{end}-attempt")) - at) < timedelta(milliseconds=1)
    assert int(told.pop("original-timestamp")) > 0
    assert told == {
        "dead-letter-id": dead_id,
        "reason": "outcome-unknown",
        "system": "nhis",
        "operation": REACTION,
        "signer": row.signer,
        "original-topic": row.topic,
        "original-partition": str(row.partition),
        "original-offset": str(row.offset),
        "attempts": "1",
        "replay-count": "0",
    }
    assert dead.key == scene.patients[case].key


def test_nothing_else_became_a_dead_letter(scene):
    assert len(scene.answers.dead_letters) == sum(is_held(*case) for case in CASES)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_retry_after_is_granted(scene, operation):
    first, second, *_ = scene.details[name(operation, "status 429")].attempts

    assert (second.sent_at - first.received_at).total_seconds() >= RETRY_AFTER


def test_what_met_no_slow_fault_did_not_wait_for_those_that_did(scene):
    quick = [name(operation, fault) for operation in OPERATIONS for fault in ("drop-before", "status 503")]
    slow = [name(operation, "hang-after") for operation in OPERATIONS]

    assert max(scene.seconds[one] for one in quick) < min(scene.seconds[one] for one in slow)


def test_journal_and_ledger_tell_the_same_of_every_registration(scene):
    by_lrn = {one["lrn"]: one["nrn"] for one in scene.ledger["registrations"]}

    for fault in (*FAULTS, REFUSED):
        data = scene.answers.only(name(REGISTER, fault)).json["data"]
        assert by_lrn[data["lrn"]] == data["nrn"]
