"""The log of a worker that met everything: one JSON object a line, and of no patient, token or password a word."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from sandbox.nhis.server import Sandbox
from tests.support.worker.hospital import (
    CANCEL,
    REACTION,
    REGISTER,
    SEARCH,
    Event,
    Patient,
    about,
    event,
    register,
    registration,
)
from tests.support.worker.installation import Installation, worker_process

GIVEN, FAMILY = "Неповторимслав", "Единственски"
NOTE, DATABASE_PASSWORD = "бележка-само-за-лекаря", "golyamata-taina"
FAULTS = ("drop-after", "hang-after", "truncate", "garbage", "wrong-answer", "expire-tokens", "status")


@dataclass(frozen=True)
class Scene:
    """What the worker wrote, and what must not be in it."""

    lines: list[str]
    secrets: dict[str, str]
    answered: int


@pytest.fixture(scope="module")
def scene(play):
    return play(_scene)


async def _scene(installation: Installation) -> Scene:
    people = [replace(installation.patient(), given=GIVEN, family=FAMILY) for _ in range(len(FAULTS) + 3)]
    directory = Path(installation.nhis.ca_file).parent
    async with Sandbox(directory, token_seconds=30) as nhis, installation.reading() as answers:
        for fault, patient in zip(FAULTS, people, strict=False):
            nhis.faults.add(fault, match={"patient": patient.egn}, times=1)
        nhis.faults.add("drop-after", match={"messageType": "I005"}, times=1)
        with worker_process(_config(installation, nhis), forked=False) as worker:
            await worker.ready()
            first = [register(f"r-{one.number}", one, note=NOTE) for one in people]
            await installation.publish(*first)
            await answers.answered(one.id for one in first)
            nrn = answers.only(first[0].id).json["data"]["nrn"]
            others = _others(people[0], nrn)
            await installation.publish(*others, *_unreadable(people[0]))
            await answers.answered(one.id for one in others)
            await answers.until(lambda it: len(it.dead_letters) >= 5)
            nhis.start_outage(1)
            await installation.publish(register("after-outage", people[-1]))
            await answers.answered(["after-outage"])
            worker.terminate()
            assert await worker.ended() == 0
        tokens = dict.fromkeys(nhis.state.access._tokens)
    assert tokens
    secrets = {"given name": GIVEN, "family name": FAMILY, "note": NOTE, "password": DATABASE_PASSWORD}
    secrets |= {f"EGN {number}": one.egn for number, one in enumerate(people)}
    secrets |= {f"token {number}": token for number, token in enumerate(tokens)}
    secrets |= {f"password of {one.name}": one.password_file.read_text() for one in nhis.signers}
    return Scene(worker.log.read_text().splitlines(), secrets, len(answers.kinds()))


def _config(installation: Installation, nhis: Sandbox) -> Path:
    installation.directory.joinpath("dsn").write_text(
        installation.dsn.replace("postgres@", f"postgres:{DATABASE_PASSWORD}@")
    )
    return installation.config(
        {
            "journal": {"dsn_file": str(installation.directory / "dsn")},
            "systems": {"nhis": {"api_url": nhis.url, "auth_url": nhis.auth_url, "transport": {"answer_timeout": 1}}},
            "log": {"level": "debug"},
        }
    )  # fmt: skip


def _others(patient: Patient, nrn: str) -> list[Event]:
    """Everything else that an event may lead to: answers of all kinds, and refusals of ours."""
    broken = registration(patient, note=NOTE)
    broken["patient"] |= {"birthDate": "1900-01-01", "identifier": patient.egn[:-1] + "x"}
    return [
        event("search", SEARCH, patient, {"nrn": nrn}),
        about("held", REACTION, patient, nrn),
        register("rejected", patient, specialCase=False, note=NOTE),
        about("rejected-cancel", CANCEL, patient, "ZZZZZZZZZZZZ"),
        event("broken", REGISTER, patient, broken),
        event("type", f"{REGISTER}.{FAMILY}", patient, registration(patient)),
        event("signer", REGISTER, patient, registration(patient), signer=FAMILY),
    ]


def _unreadable(patient: Patient) -> list[Event]:
    text = register("unreadable", patient, note=NOTE).value
    return [Event("cut", patient.key, text[:-9]), Event("utf16", patient.key, text.decode().encode("utf-16"))]


def test_everything_was_answered(scene):
    assert scene.answered == len(FAULTS) + 3 + 7 + 1


def test_every_line_is_one_json_object_with_time_level_and_message(scene):
    assert len(scene.lines) > scene.answered
    for line in scene.lines:
        assert {"time", "level", "message"} <= json.loads(line).keys(), line


def test_submissions_can_be_followed_by_their_id(scene):
    ids = {json.loads(line).get("submission_id") for line in scene.lines}

    assert {"r-0", "held", "broken", "after-outage"} <= ids


def test_no_health_data_and_no_secret_is_in_it(scene):
    text = "\n".join(scene.lines)
    readable = text + "\n".join(json.dumps(json.loads(line), ensure_ascii=False) for line in scene.lines)

    assert [name for name, secret in scene.secrets.items() if secret in readable] == []
    assert "bearer" not in text.lower()
