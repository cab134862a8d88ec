"""A record that the Kafka client itself cannot read: it becomes a dead letter, and nobody loses anything by it."""

from __future__ import annotations

import asyncio
import logging

from tests.support.worker.hospital import register
from tests.support.worker.installation import eventually, serving
from tests.support.worker.kafka import partition_of, publish_unreadable
from tests.support.worker.probes import probe

BAD, PARTITIONS = 0, 4


async def test_it_becomes_a_dead_letter_and_all_partitions_go_on(installation, caplog):
    patients = [installation.patient() for _ in range(40)]
    rounds = [[register(f"{turn}-{one.number}", one) for one in patients] for turn in range(4)]
    caplog.set_level(logging.WARNING)
    async with serving(installation.config()) as worker, installation.reading() as answers:
        for turn in rounds:
            await installation.publish(*turn)
            await publish_unreadable(installation.bootstrap, installation.topics.submissions, BAD)
            await asyncio.sleep(0.1)
        await answers.answered((one.id for turn in rounds for one in turn), seconds=30)
        await eventually(lambda: _letters(answers), lambda found: len(found) == len(rounds))
        await installation.all_committed()
        assert (await probe(worker.health.address, "/readyz")).status == 200
        assert (await probe(worker.health.address, "/livez")).status == 200

    assert set(answers.kinds().values()) == {"accepted"}
    assert {one.headers["herald-reason"] for one in answers.dead_letters} == {"unreadable-record"}
    behind = sum(partition_of(one.key, PARTITIONS) == BAD for one in patients)
    assert {int(one.headers["herald-original-offset"]) for one in answers.dead_letters} == {
        turn + behind * (turn + 1) for turn in range(len(rounds))
    }
    assert {one.headers["herald-original-partition"] for one in answers.dead_letters} == {str(BAD)}
    assert len(caplog.records) < 50


async def _letters(answers):
    return answers.dead_letters
