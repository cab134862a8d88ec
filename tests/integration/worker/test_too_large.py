"""What Kafka would never take does not stop its patient: a dead letter leaves without its value, a reply is bounded."""

from __future__ import annotations

import asyncio
from itertools import islice, product
from string import ascii_lowercase

import pytest
from confluent_kafka import Producer

from tests.support.worker import kafka as worker_kafka
from tests.support.worker.hospital import REGISTER, event, register, registration
from tests.support.worker.installation import Installation, serving

KAFKAS_OWN_LIMIT = 1_048_588


@pytest.fixture
def small(kafka, journal_dsn, nhis, tmp_path, monkeypatch):
    monkeypatch.setattr(worker_kafka, "LARGEST", KAFKAS_OWN_LIMIT)
    return Installation.build(kafka.bootstrap, journal_dsn, nhis, tmp_path, partitions=1)


def _publish_compressed(installation, one):
    producer = Producer(
        {
            "bootstrap.servers": installation.bootstrap,
            "compression.type": "gzip",
            "message.max.bytes": 20_000_000,
        }
    )
    producer.produce(installation.topics.submissions, one.value, key=one.key, headers=list(one.headers))
    assert producer.flush(20) == 0


async def test_a_compressed_event_that_is_larger_than_the_dead_letters_topic_takes(small):
    patient = small.patient()
    large = event("large", REGISTER, patient, registration(patient), pad="x" * 3_000_000)
    async with serving(small.config()), small.reading() as answers:
        await asyncio.to_thread(_publish_compressed, small, large)
        await small.publish(register("behind", patient))
        await answers.answered(["behind"])
        await answers.until(lambda it: it.dead_letters)
        await small.all_committed()
    (letter,) = answers.dead_letters
    assert (letter.key, letter.value) == (patient.key, None)
    assert letter.headers["herald-reason"] == "too-large"
    assert letter.headers["herald-value-left-out"] == str(len(large.value))


async def test_an_event_with_more_problems_than_a_reply_can_hold(small):
    patient = small.patient()
    data = {
        **registration(patient),
        **dict.fromkeys(map("".join, islice(product(ascii_lowercase, repeat=4), 4_000)), 1),
    }
    async with serving(small.config()), small.reading() as answers:
        await small.publish(event("flood", REGISTER, patient, data), register("behind", patient))
        await answers.answered(["flood", "behind"])
        await small.all_committed()
    problems = answers.only("flood").json["problems"]
    assert len(problems) == 101
    assert problems[-1]["rule"] == "more-problems"
