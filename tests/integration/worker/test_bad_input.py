"""Bad input: each record a dead letter that says why, an answer where its sender can be named, and intake goes on."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace

import pytest
from confluent_kafka import Producer

from tests.support.worker.evidence import check_reply
from tests.support.worker.hospital import (
    REGISTER,
    SOURCE,
    Doctor,
    Event,
    Patient,
    event,
    register,
    registration,
    today,
)
from tests.support.worker.installation import Installation, herald, serving
from tests.support.worker.kafka import Answers

MIB = 1024 * 1024


def binary(name: str, patient: Patient, value: bytes | None, **headers: bytes | None) -> Event:
    """A CloudEvent in binary mode; `headers` replaces or adds attributes."""
    given = {
        "ce_specversion": b"1.0",
        "ce_id": name.encode(),
        "ce_source": SOURCE.encode(),
        "ce_type": f"nhis.{REGISTER}.v1".encode(),
        "ce_signer": patient.doctor.signer.encode(),
        "content-type": b"application/json",
    } | headers
    return Event(name, patient.key, value, tuple(given.items()))


@dataclass(frozen=True)
class Bad:
    """One bad record: its reason, and whether its sender can be answered."""

    reason: str
    named: bool
    event: Event


BARE = "bare"
"""A record with neither key nor value: the last, as aiokafka's producer does not take it."""
PATIENT = Patient(0, Doctor("dr-ivanova", "2300000011"))  # one of the sandbox's own


def _bad_records(patient: Patient) -> dict[str, Bad]:
    """Every kind of bad record, by a name for it."""
    data = registration(patient)
    broken = {**data, "patient": {**data["patient"], "birthDate": "1899-12-31", "gender": "female"}}
    vaccine = registration(patient, vaccineCode="999999")

    def structured(id: str, **attributes: object) -> Event:  # noqa: A002 - the attribute's own name
        return event(id, REGISTER, patient, data, **attributes)

    large = json.dumps({**json.loads(structured("large").value), "pad": "x" * 2 * MIB}).encode()
    no_event = Event("no-event", patient.key, b'{"hello": "world"}', ())
    return {
        "bytes": Bad("not-utf8", False, Event("bytes", patient.key, b"\xff\xfe\x00\x80", ())),
        "bytes-named": Bad("not-utf8", True, binary("bytes-named", patient, b"\xff\xfe\x00\x80")),
        "header": Bad("not-utf8", True, binary("header", patient, b"{}", ce_type=b"\xff\xc0")),
        "header-id": Bad("not-utf8", False, binary("header-id", patient, b"{}", ce_id=b"\xff\xc0")),
        "header-null": Bad("not-a-cloudevent", True, binary("header-null", patient, b"{}", ce_signer=None)),
        "text": Bad("not-json", False, Event("text", patient.key, b"MSH|^~\\&|HIS|", ())),
        "text-named": Bad("not-json", True, binary("text-named", patient, b"{not json")),
        "no-event": Bad("not-a-cloudevent", False, no_event),
        "unknown-type": Bad("unknown-type", True, structured("unknown-type", type="nhis.patient.praise.v1")),
        "other-system": Bad("unknown-type", True, structured("other-system", type="nhif.claim.submit.v1")),
        "version": Bad("unsupported-version", True, structured("version", type=f"nhis.{REGISTER}.v2")),
        "specversion": Bad("unsupported-version", True, structured("specversion", specversion="0.3")),
        "no-key": Bad("missing-key", True, replace(structured("no-key"), key=None)),
        "empty-key": Bad("missing-key", True, replace(structured("empty-key"), key=b"")),
        "signer": Bad("unknown-signer", True, structured("signer", signer="dr-nobody")),
        "large": Bad("too-large", False, Event("large", patient.key, large)),
        "large-named": Bad("too-large", True, binary("large-named", patient, large)),
        "null": Bad("null-value", False, Event("null", patient.key, None, ())),
        "null-named": Bad("null-value", True, binary("null-named", patient, None)),
        "contract": Bad("contract-violation", True, event("contract", REGISTER, patient, broken)),
        "code": Bad("unknown-code", True, event("code", REGISTER, patient, vaccine)),
        BARE: Bad("null-value", False, Event(BARE, None, None, (("content-type", b"text/plain"),))),
    }


BAD = _bad_records(PATIENT)
NAMED = [name for name, one in BAD.items() if one.named]
COMPRESSED = ("gzip", "snappy", "lz4", "zstd")
GOOD = (*COMPRESSED, "odd-headers", "after")


@dataclass(frozen=True)
class Scene:
    """What was there when the good event after all bad ones had its answer."""

    installation: Installation
    answers: Answers
    counters: dict


@pytest.fixture(scope="module")
def scene(play):
    return play(_scene, partitions=1)


async def _scene(installation: Installation) -> Scene:
    config = installation.config()
    pulled = herald("nomenclatures", "pull", "--config", config)
    assert pulled.returncode == 0, pulled.stderr
    compressed = {name: register(name, installation.patient()) for name in COMPRESSED}
    after = [register(name, installation.patient()) for name in ("odd-headers", "after")]
    strange = (("x-route", b"\xff\xfe"), ("x-nothing", None), ("x-route", b"2"))
    after[0] = replace(after[0], headers=(*after[0].headers, *strange))
    async with serving(config), installation.reading() as answers:
        await installation.publish(*(one.event for name, one in BAD.items() if name != BARE))
        await asyncio.to_thread(_publish_otherwise, installation, BAD[BARE].event)
        for name, event_ in compressed.items():
            value = json.dumps({**json.loads(event_.value), "comment": " " * 4000})  # worth compressing
            await asyncio.to_thread(
                _publish_otherwise, installation, replace(event_, value=value.encode()), name
            )
        await installation.publish(*after)
        await answers.answered([*GOOD, *NAMED])
        await answers.until(lambda it: len(it.dead_letters) >= len(BAD))
        await installation.all_committed()
        await answers.settle()
    return Scene(installation, answers, installation.nhis.ledger()["counters"])


def _publish_otherwise(installation: Installation, event_: Event, codec: str = "none") -> None:
    """Publish as a HIS with another client library does: compressed, or without key and value."""
    producer = Producer({"bootstrap.servers": installation.bootstrap, "compression.type": codec})
    producer.produce(
        installation.topics.submissions, event_.value, key=event_.key, headers=list(event_.headers)
    )
    assert producer.flush(30) == 0


@pytest.mark.parametrize("name", BAD)
def test_the_record_is_a_dead_letter_as_it_came_with_its_reason(scene, name):
    offset = str(list(BAD).index(name))
    (dead,) = [one for one in scene.answers.dead_letters if one.headers["herald-original-offset"] == offset]
    event = BAD[name].event

    assert dead.headers["herald-reason"] == BAD[name].reason
    assert dead.headers["herald-original-topic"] == scene.installation.topics.submissions
    assert dead.headers["herald-attempts"] == "0"
    assert (dead.key, dead.value) == (event.key, event.value)
    ours = [header for header in dead.raw_headers if header[0].startswith("herald-")]
    assert [header for header in dead.raw_headers if header not in ours] == list(event.headers)


@pytest.mark.parametrize("name", NAMED)
def test_who_can_be_named_is_answered_that_it_failed_and_why(scene, name):
    reply = scene.answers.only(name)

    assert reply.kind == "failed"
    assert reply.json["code"] == BAD[name].reason
    assert reply.json["problems"]
    assert reply.key == BAD[name].event.key
    check_reply(reply)


def test_nobody_else_is_answered(scene):
    assert set(scene.answers.kinds()) == {*NAMED, *GOOD}


@pytest.mark.parametrize("name", ["odd-headers", "after"])
def test_a_good_event_behind_all_that_is_accepted(scene, name):
    assert scene.answers.only(name).kind == "accepted"


def test_all_problems_of_one_event_are_reported_together(scene):
    paths = {problem["path"] for problem in scene.answers.only("contract").json["problems"]}

    assert paths >= {"$.data.patient.birthDate", "$.data.patient.gender"}


def test_an_unknown_code_names_list_and_date(scene):
    (problem,) = scene.answers.only("code").json["problems"]

    assert problem["path"] == "$.data.immunization.vaccineCode"
    assert "CL037" in problem["message"]
    assert today().isoformat()[:4] in problem["message"]


@pytest.mark.parametrize("name", COMPRESSED)
def test_an_event_is_read_however_its_producer_compressed_it(scene, name):
    assert scene.answers.only(name).kind == "accepted"


def test_nothing_of_it_reached_nhis(scene):
    assert sum(scene.counters["I001"].values()) == len(GOOD)
