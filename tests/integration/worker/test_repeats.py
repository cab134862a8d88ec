"""The same submission again: same content gets the stored answer, other content is a conflict, nothing is sent."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest
from aiokafka import AIOKafkaProducer

from tests.support.worker.hospital import REACTION, REGISTER, about, event, register, registration
from tests.support.worker.installation import serving
from tests.support.worker.kafka import rewind


async def test_a_duplicate_gets_the_stored_answer_byte_for_byte(installation):
    once = register("twice", installation.patient())
    document = json.loads(once.value)
    document["data"]["immunization"] |= {
        "doseNumber": float(document["data"]["immunization"]["doseNumber"]),
        "note": None,
    }
    document["data"]["patient"]["birthDate"] += "T00:00:00+02:00"
    # Order, white space, escapes, the form of a number or a date, null for absent: none of it is content.
    rewritten = json.dumps(document, sort_keys=True, indent=2).encode()
    async with serving(installation.config()), installation.reading() as answers:
        await installation.publish(once, once)
        await answers.until(lambda it: len(it.of("twice")) == 2)
        await installation.publish(replace(once, value=rewritten))
        await answers.until(lambda it: len(it.of("twice")) == 3)

    assert answers.only("twice").kind == "accepted"
    assert installation.nhis.ledger()["counters"]["I001"] == {"I002": 1}
    assert answers.dead_letters == []


async def test_other_content_under_the_same_id_is_a_dead_letter_and_has_no_answer(installation):
    patient = installation.patient()
    first = register("same-id", patient)
    other = register("same-id", patient, lotNumber="OTHER")
    async with serving(installation.config()), installation.reading() as answers:
        await installation.publish(first, other)
        await answers.until(lambda it: it.dead_letters and it.replies)
        await answers.settle()

    (dead,) = answers.dead("conflict")
    assert dead.value == other.value
    assert [reply.kind for reply in answers.of("same-id")] == ["accepted"]
    assert installation.nhis.ledger()["counters"]["I001"] == {"I002": 1}


async def test_the_same_submission_under_two_keys_at_once_is_sent_once(installation):
    one = register("two-keys", installation.patient())
    others = [replace(one, key=f"other-{number}".encode()) for number in range(2)]
    async with serving(installation.config()), installation.reading() as answers:
        await installation.publish(one, *others)
        await answers.until(lambda it: len(it.of("two-keys")) == 3)

    assert len({(reply.headers["ce_id"], reply.value) for reply in answers.replies}) == 1
    assert installation.nhis.ledger()["counters"]["I001"] == {"I002": 1}


@pytest.mark.parametrize("how", ["offsets-set-back", "published-again"])
async def test_the_whole_topic_again_is_answered_once_a_record(installation, how):
    patients = [installation.patient() for _ in range(12)]
    events = [register(f"again-{number}", patient) for number, patient in enumerate(patients)]
    rejected = event("again-rejected", REGISTER, patients[0], registration(patients[0], specialCase=False))
    events += [rejected, about("again-reaction", REACTION, patients[1], "ZZZZZZZZZZZZ")]
    events += [register("again-0", patients[0], lotNumber="OTHER"), replace(events[3], value=b"\xff")]
    names = [one.id for one in events[:-2]]
    config = installation.config()
    async with installation.reading() as answers:
        async with serving(config):
            await installation.publish(*events)
            await answers.answered(names)
            await installation.all_committed()
        await answers.settle()
        requests, replies, letters = (
            len(installation.nhis.requests()),
            len(answers.replies),
            len(answers.dead_letters),
        )
        if how == "offsets-set-back":
            await asyncio.to_thread(
                rewind, installation.bootstrap, installation.group, installation.topics.submissions
            )
        else:
            await installation.publish(*events)
        async with serving(config):
            await installation.all_committed()
        await answers.settle()

    again = 0 if how == "offsets-set-back" else 1
    assert (replies, letters) == (len(names), 2)
    assert (len(answers.replies), len(answers.dead_letters)) == (replies * (1 + again), letters * (1 + again))
    kinds = answers.kinds()
    assert {name: kinds[name] for name in names[-2:]} == {
        "again-rejected": "rejected",
        "again-reaction": "rejected",
    }
    assert all(kinds[name] == "accepted" for name in names[:-2])
    assert set(kinds) == set(names)
    assert {letter.headers["herald-reason"] for letter in answers.dead_letters} == {"conflict", "not-utf8"}
    assert len({letter.said for letter in answers.dead_letters}) == (2 if how == "offsets-set-back" else 4)
    # A worker starts by asking whether NHIS is there; that is not a message.
    messages = [one for one in installation.nhis.requests()[requests:] if one["messageType"]]
    assert messages == []


async def test_records_at_the_same_offsets_of_a_recreated_topic_are_answered(installation):
    """The same records with the same timestamps: only the topic's id tells them apart."""
    patients = [installation.patient() for _ in range(6)]
    events = [register(f"kept-{number}", patient) for number, patient in enumerate(patients)]
    events += [replace(events[0], value=b"\xff")]
    topic, config = installation.topics.submissions, installation.config()
    async with installation.reading() as answers:
        for turn in (1, 2):
            await _publish_at(installation, events, 1_700_000_000_000)
            for _ in range(2):  # and from the beginning: what was answered is only counted
                async with serving(config):
                    await answers.until(lambda it, turn=turn: len(it.replies) >= turn * len(patients))
                    await installation.all_committed()
                await answers.settle()
                await asyncio.to_thread(rewind, installation.bootstrap, installation.group, topic)
            assert len(answers.replies) == turn * len(patients)
            assert len(answers.dead_letters) == turn
            if turn == 1:
                await asyncio.to_thread(installation.topics.delete, installation.bootstrap, topic)
                await asyncio.to_thread(installation.topics.create, installation.bootstrap, 4, topic)

    assert answers.kinds() == {one.id: "accepted" for one in events[:-1]}
    assert installation.nhis.ledger()["counters"]["I001"] == {"I002": len(patients)}


async def _publish_at(installation, events, timestamp_ms):
    async with AIOKafkaProducer(bootstrap_servers=installation.bootstrap) as producer:
        for one in events:
            sent = await producer.send(
                installation.topics.submissions,
                one.value,
                key=one.key,
                headers=list(one.headers),
                timestamp_ms=timestamp_ms,
            )
            await sent
