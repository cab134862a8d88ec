"""The eRx register by its newer text: a seed is good for one day, so nothing is sent again before it was looked up."""

from __future__ import annotations

import copy

import pytest

from contracts.erx import examples
from tests.support.systems.scene import BLOCKED, CERTAIN, FAULTS, PROCESSED, Case, event, perform
from tests.support.worker.evidence import check_reply
from tests.support.worker.installation import SHORT_WAITS

SYSTEM = "erx"
ISSUE = "erx.prescription.issue.v1"
DOCTOR, COLLEAGUE = "dr-ivanova", "dr-petrov"
UNPROCESSED = [name for name in FAULTS if name not in {"none", *PROCESSED, *CERTAIN, *BLOCKED}]
"""After these nothing was done, and the worker cannot know."""


def seed_of(name):
    return "N" + name.replace(" ", "")


def prescription(name):
    data = copy.deepcopy(examples.ISSUE)
    for index, line in enumerate(data["lines"]):
        line["internalId"] = f"{seed_of(name)}-{index}"
    return data | {"seed": seed_of(name)}


CASES = [
    Case(
        name,
        event(name, ISSUE, DOCTOR, prescription(name)),
        name,
        {"internalId": seed_of(name)},
    )
    for name in FAULTS
]


def other_patient(data):
    number = {"identifierType": "lnch", "identifier": "1003000022"}
    return data | {"patient": {**data["patient"], **number, "birthDate": "1990-02-28", "gender": "other"}}


def without_rate(data):
    del data["lines"][0]["dosage"]["rate"]
    return data


CHANGES = {
    "x": (DOCTOR, lambda data: data | {"lines": data["lines"][:1]}),
    "y": (DOCTOR, without_rate),
    "z": (COLLEAGUE, other_patient),
}
"""By the seed that is used again: who uses it, and how the second prescription differs from the first."""


def second(name):
    return f"{name}2"


def pair(name):
    """A prescription, and a second one of its seed that is lost on the way to the register."""
    signer, change = CHANGES[name]
    lost = event(second(name), ISSUE, signer, change(prescription(name)))
    return [
        Case(name, event(name, ISSUE, DOCTOR, prescription(name))),
        Case(second(name), lost, "drop-before", {"internalId": seed_of(name)}),
    ]


CASES += [case for name in CHANGES for case in pair(name)]


@pytest.fixture(scope="module")
def scene(play, sandbox_of):
    sandbox = sandbox_of(SYSTEM, "--profile", "2020-09")
    users = {
        one["username"]: {"username": one["username"], "password_file": one["password_file"]}
        for one in sandbox.ready["users"]
    }
    section = {
        "api_url": sandbox.url,
        "profile": "2020-09",
        "client": sandbox.ready["client"],
        "users": users,
        "transport": {"ca_file": sandbox.ca_file, **SHORT_WAITS},
    }
    return play(
        SYSTEM, sandbox, lambda installation: perform(installation, CASES), signers={}, section=section
    )


def in_register(scene, name):
    return [one for one in scene.ledger["prescriptions"] if seed_of(name) in one["internalIds"]]


def purposes(scene, name):
    return [attempt.purpose for attempt in scene.details[name].attempts]


@pytest.mark.parametrize("name", FAULTS)
def test_every_reply_keeps_to_its_schema(scene, name):
    check_reply(scene.reply(name))


def test_a_prescription_is_issued(scene):
    data = scene.reply("none").json["data"]
    assert [line["status"] for line in data["lines"]] == ["created", "created"]
    assert data["barcodes"] == [one for one in data["offlineBarcodes"] if one.endswith("-A")]


@pytest.mark.parametrize("name", sorted(PROCESSED))
def test_what_arrived_is_found_and_not_sent_again(scene, name):
    reply = scene.reply(name)
    assert (reply.kind, reply.json["data"]["alreadyIssued"]) == ("accepted", True)
    assert purposes(scene, name) == ["submit", "look-up"]
    (one,) = in_register(scene, name)
    assert one["written"] == 1


@pytest.mark.parametrize("name", UNPROCESSED)
def test_what_did_not_arrive_is_sent_again_once_that_is_shown(scene, name):
    reply = scene.reply(name)
    assert reply.kind == "accepted"
    assert "alreadyIssued" not in reply.json["data"]
    assert purposes(scene, name) == ["submit", "look-up", "submit"]
    (one,) = in_register(scene, name)
    assert one["written"] == 1


@pytest.mark.parametrize("name", sorted(CERTAIN))
def test_what_was_turned_away_is_sent_again_without_asking(scene, name):
    assert scene.reply(name).kind == "accepted"
    assert purposes(scene, name) == ["submit", "submit"]


@pytest.mark.parametrize("name", ["x", "y"])
def test_a_lost_change_that_takes_something_away_is_not_taken_for_the_version_before_it(scene, name):
    reply = scene.reply(second(name))
    assert (reply.kind, reply.json["code"]) == ("held", "outcome-unknown")
    assert purposes(scene, second(name)) == ["submit", "look-up"]
    (one,) = in_register(scene, name)
    assert one["written"] == 1


def test_a_lost_prescription_is_not_taken_for_another_doctors_of_the_same_seed(scene):
    reply = scene.reply(second("z"))
    assert reply.kind == "accepted"
    assert "alreadyIssued" not in reply.json["data"]
    assert purposes(scene, second("z")) == ["submit", "look-up", "submit"]
    assert [one["user"] for one in in_register(scene, "z")] == [DOCTOR, COLLEAGUE]


@pytest.mark.parametrize("name", sorted(BLOCKED))
def test_what_only_an_operator_can_mend_is_a_dead_letter(scene, name):
    reply = scene.reply(name)
    assert (reply.kind, reply.json["code"], in_register(scene, name)) == ("failed", BLOCKED[name], [])
