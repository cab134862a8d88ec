"""Workers come and go while submissions flow: each is sent once, answered once, a patient's in their order."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.worker.hospital import register
from tests.support.worker.installation import serving
from tests.support.worker.ledger import registered_in_order

PATIENTS = 30


@pytest.mark.alone
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
