"""Workers come and go while submissions flow: each is sent once, answered once, a patient's in their order."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.support.worker.hospital import register
from tests.support.worker.installation import Installation, serving
from tests.support.worker.kafka import partition_of
from tests.support.worker.ledger import registered_in_order

PATIENTS = 30
PARTITIONS = 2
ONE_AT_A_TIME = {"circuit": {"failures": 1000}}
"""So that the patients whom NHIS cannot serve at present stop nobody else."""


@pytest.mark.beside_one
async def test_scaling_from_one_to_two_and_back_loses_and_doubles_nothing(installation):
    patients = [installation.patient() for _ in range(PATIENTS)]
    waves = [
        [register(f"{n}-{p.number}", p) for turn in range(2) for p in patients for n in (f"{wave}.{turn}",)]
        for wave in range(3)
    ]
    published = [one for wave in waves for one in wave]
    installation.nhis.fault("delay", times=None, probability=0.3, seconds=0.15)
    config = installation.config()
    async with installation.reading() as answers, serving(config):
        await installation.publish(*waves[0])
        await answers.until(lambda it: len(it.replies) >= len(waves[0]) // 4)
        async with serving(config):
            await installation.publish(*waves[1])
            await answers.until(lambda it: len(it.replies) >= len(waves[0]) + len(waves[1]) // 3)
            await installation.publish(*waves[2])
            await asyncio.sleep(0.2)
        await answers.answered(one.id for one in published)
        await answers.settle()
        await installation.all_committed()

    assert answers.kinds() == {one.id: "accepted" for one in published}
    assert answers.dead_letters == []
    await registered_in_order(installation, patients, published)
    details = await installation.details(one.id for one in published)
    assert len({detail.submission.owner for detail in details}) == 2, "both workers had work"
    # A rebalance that lets what is in flight come back leaves nothing to recover from.
    assert {detail.submission.attempts for detail in details} == {1}


async def test_what_lies_behind_a_stuck_record_is_answered_once_however_often_workers_come_and_go(
    kafka, journal_dsn, nhis, tmp_path
):
    """Nothing behind it can be committed, so all of it is read again by each partition's next owner."""
    installation = Installation.build(kafka.bootstrap, journal_dsn, nhis, tmp_path, PARTITIONS)
    patients = [installation.patient() for _ in range(PATIENTS)]
    stuck = _one_in_each_partition(patients)
    for patient in stuck:
        nhis.fault("status", match={"patient": patient.egn}, status=503, times=None)
    first = [register(f"stuck-{one.number}", one) for one in stuck]
    behind = [register(f"dose-{one.number}", one) for one in patients if one not in stuck]
    # Dead letters of records without a claim: of other content under a known id, and of what cannot be read.
    bad = [register(behind[0].id, patients[-1], lotNumber="OTHER"), replace(behind[0], value=b"\xff")]
    config = installation.config(ONE_AT_A_TIME)
    async with installation.reading() as answers, serving(config):
        await installation.publish(*first, *behind)
        await answers.answered(one.id for one in behind)
        await installation.publish(*behind[:3], *bad)  # duplicates are answered too, each once
        await answers.until(lambda it: len(it.replies) == len(behind) + 3 and len(it.dead_letters) == 2)
        async with serving(config):
            await _sentinels(installation, answers, patients, stuck, "joined")
        await _sentinels(installation, answers, patients, stuck, "left")
        nhis.calm()
        await answers.answered(one.id for one in first)
        await installation.all_committed()
        await answers.settle()

    published = len(first) + len(behind) + 3 + 2 * PARTITIONS
    assert (len(answers.replies), len(answers.dead_letters)) == (published, 2)
    assert set(answers.kinds().values()) == {"accepted"}


def _one_in_each_partition(patients):
    """Return the first patient of each partition."""
    found = {partition_of(one.key, PARTITIONS): one for one in reversed(patients)}
    assert len(found) == PARTITIONS
    return list(found.values())


async def _sentinels(installation, answers, patients, stuck, word):
    """Publish to the end of each partition, and wait until whoever reads it has read up to there."""
    free = [one for one in patients if one not in stuck]
    last = [register(f"{word}-{one.number}", one) for one in _one_in_each_partition(free)]
    await asyncio.sleep(1)  # the group notices who came or went
    await installation.publish(*last)
    await answers.answered(one.id for one in last)
    await answers.settle()
