"""Look-ups against a real NHIS sandbox: what NHIS has is found there, and nothing is sent again for it."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from tests.integration.worker.test_dead_letters import dead_letters, last, letter_of, replayed, revision
from tests.support.worker.hospital import CANCEL, REACTION, REGISTER, about, register
from tests.support.worker.installation import (
    Installation,
    eventually,
    serving,
    worker_process,
)

CAREFUL = {"systems": {"nhis": {"never_resend": [REGISTER, CANCEL], "shows_reactions": True}}}
MESSAGES = {REGISTER: "I001", CANCEL: "I011", REACTION: "I005"}
LOST, NEVER_CAME = "status-after", "status"
CASES = [(operation, fault) for operation in MESSAGES for fault in (LOST, NEVER_CAME)]


def name(operation: str, fault: str) -> str:
    return f"{operation} {fault}"


@pytest.fixture(scope="module")
def scene(play):
    return play(_scene)


async def _scene(installation: Installation):
    """Let each operation meet a 503: once when NHIS has processed it, and once when it never saw it."""
    people = {name(*case): installation.patient() for case in CASES}
    async with serving(installation.config(CAREFUL)), installation.reading() as answers:
        dosed = {one: patient for one, patient in people.items() if not one.startswith(REGISTER)}
        await installation.publish(*(register(f"dose of {one}", who) for one, who in dosed.items()))
        await answers.answered(f"dose of {one}" for one in dosed)
        nrns = {one: answers.only(f"dose of {one}").json["data"]["nrn"] for one in dosed}
        for operation, fault in CASES:
            one = name(operation, fault)
            who = {"nrn": nrns[one]} if one in nrns else {"patient": people[one].egn}
            match = {"messageType": MESSAGES[operation], **who}
            installation.nhis.fault(fault, match=match, status=503)
        events = [
            about(name(*case), case[0], people[name(*case)], nrns[name(*case)])
            if name(*case) in nrns
            else register(name(*case), people[name(*case)])
            for case in CASES
        ]
        await installation.publish(*events)
        await answers.answered(people)
        await installation.all_committed()
    details = dict(zip(people, await installation.details(people), strict=True))
    return answers, details, nrns


@pytest.mark.parametrize(("operation", "fault"), CASES)
def test_what_may_never_be_sent_twice_is_settled_by_what_nhis_shows(scene, operation, fault):
    answers, details, nrns = scene
    one = name(operation, fault)
    reply = answers.only(one)
    purposes = Counter(attempt.purpose for attempt in details[one].attempts)

    assert reply.kind == ("accepted" if fault == LOST else "held")
    assert purposes == {"submit": 1, "look-up": 1}
    if fault == LOST:
        data = reply.json["data"]
        assert data.get("alreadyRegistered") or data.get("alreadyCancelled")
        assert data["nrn"] == nrns.get(one, data["nrn"])
    else:
        assert reply.json["code"] == "outcome-unknown"
        assert "never sent again automatically" in reply.json["message"]


def _counted(installation: Installation) -> Counter[str]:
    return Counter(one["messageType"] for one in installation.nhis.requests() if one["messageType"])


async def _said_to_exist(installation: Installation) -> None:
    """Let a registration's answer be lost, and each look-up fail after that."""
    patient = installation.patient()
    installation.nhis.fault("drop-after", match={"messageType": "I001"})
    installation.nhis.fault("status", match={"messageType": "I003"}, status=500, times=None)
    await installation.publish(register("dose", patient))


async def _looked_up(installation: Installation, times: int) -> None:
    await eventually(
        lambda: asyncio.to_thread(_counted, installation), lambda found: found["I003"] >= times, 15
    )


async def test_what_nhis_has_already_is_only_looked_up_also_after_a_crash(installation):
    config = installation.config({"journal": {"lease_seconds": 2}, "intake": {"session_timeout": 2}})
    async with installation.reading() as answers:
        with worker_process(config) as worker:
            await worker.ready()
            await _said_to_exist(installation)
            await _looked_up(installation, 2)
            worker.kill9()
        before = _counted(installation)
        installation.nhis.calm()
        async with serving(config):
            await answers.answered(["dose"])
        after = _counted(installation)

    reply = answers.only("dose")
    assert (reply.kind, reply.json["data"]["alreadyRegistered"]) == ("accepted", True)
    assert (before["I001"], after["I001"]) == (2, 2)
    assert after["I003"] == before["I003"] + 1
    assert len(installation.nhis.registered()) == 1


async def test_what_no_look_up_confirms_is_held_with_the_nrn_and_settled_or_replayed_by_it(installation):
    config = installation.config({"retry": {"give_up_after": 1.5}})
    async with serving(config), installation.reading() as answers:
        await _said_to_exist(installation)
        await answers.answered(["dose"])
        held = answers.only("dose")
        letter = await letter_of(installation, "dose")
        by = ("settle", letter, "--reason", "seen in NHIS", "--as", "accepted")
        tried = await dead_letters(config, *by, "--dry-run")
        installation.nhis.calm()
        await replayed(config, letter)
        await revision(answers, "dose", 2)
        sent = _counted(installation)
        await installation.all_committed()

    (nrn,) = installation.nhis.registered().values()
    assert (held.kind, held.json["code"], held.json["reference"]) == ("held", "outcome-unknown", nrn)
    assert nrn in held.json["message"]
    assert [error["description"] for error in held.json["errors"]] == [["RL080"]]
    assert "I099" in held.json["answer"]["body"]
    assert f'"nrn": "{nrn}"' in tried.stdout
    reply = last(answers, "dose")
    assert (reply.kind, reply.json["data"]["nrn"]) == ("accepted", nrn)
    assert sent["I001"] == 2


async def test_what_another_person_signed_waits_for_an_operator_and_is_replayed(installation):
    first, second = (installation.patient().doctor for _ in range(2))
    patient = next(one for one in (installation.patient() for _ in range(9)) if one.doctor == first)
    keys = installation.settings()["signers"]
    exchanged = {first.signer: keys[second.signer], second.signer: keys[first.signer]}
    async with installation.reading() as answers:
        async with serving(installation.config({"signers": exchanged})):
            await installation.publish(register("dose", patient))
            await answers.answered(["dose"])
        failed = answers.only("dose")
        config = installation.config()
        async with serving(config):
            await replayed(config, await letter_of(installation, "dose"))
            await revision(answers, "dose", 2)
            await installation.all_committed()

    assert (failed.kind, failed.json["code"]) == ("failed", "access-denied")
    assert "(RL029); it was signed by" in failed.json["message"]
    assert [error["description"] for error in failed.json["errors"]] == [["RL029"]]
    assert last(answers, "dose").kind == "accepted"
    assert len(installation.nhis.registered()) == 1
