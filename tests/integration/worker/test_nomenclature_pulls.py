"""Workers keep the code lists of NHIS fresh by themselves: once a day for all of them, and beside the command."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from datetime import timedelta

import asyncpg

from tests.support.worker.hospital import register
from tests.support.worker.installation import (
    Installation,
    eventually,
    herald,
    serving,
)
from tests.support.worker.metrics import Scrape, scrape
from tests.support.worker.probes import probe

LISTS = {"nomenclatures": ["CL037"], "nomenclature_pulls": {"enabled": True}}
SETTINGS = {"metrics": {"interval": 1}, "systems": {"nhis": LISTS}}
AGE, MISSING = "herald_nomenclature_age_seconds", "herald_nomenclatures_missing"
PULLS = "herald_nomenclature_pulls_total"
DAY = 86_400.0


def asked(installation: Installation) -> Counter[str]:
    """Count the requests for lists and lots by message type."""
    kinds = (one.get("messageType") for one in installation.nhis.requests())
    return Counter(kind for kind in kinds if kind in ("C001", "C003"))


async def age_by(installation: Installation, days: float, list_id: str) -> None:
    """Let a cached list be older."""
    connection = await asyncpg.connect(installation.dsn)
    try:
        await connection.execute(
            "update code_lists set fetched_at = fetched_at - $1::interval where id = $2",
            timedelta(days=days),
            list_id,
        )
    finally:
        await connection.close()


async def both(workers) -> tuple[Scrape, ...]:
    return tuple(await asyncio.gather(*(scrape(one.health.address) for one in workers)))


async def test_two_workers_pull_once_and_both_tell_the_age(installation):
    async with AsyncExitStack() as stack:
        config = installation.config(SETTINGS)
        workers = [await stack.enter_async_context(serving(config)) for _ in range(2)]
        seen = await eventually(
            lambda: both(workers), lambda found: all(one.value(MISSING, system="nhis") == 0 for one in found)
        )
        # What the leader did shows on one of them, and the age on both.
        assert sorted(one.value(PULLS, system="nhis", outcome="pulled") for one in seen) == [0, 1]
        assert {one.value(PULLS, system="nhis", outcome="failed") for one in seen} == {0}
        for one in seen:
            for name in ("CL037", "C004"):
                assert 0 <= one.value(AGE, system="nhis", code_list=name) < 60
            assert one.value(AGE, system="nhis", code_list="CL006") is None, "nobody asks for it"
        assert asked(installation) == {"C001": 1, "C003": 1}

        # The command works beside them, and leaves them nothing to do.
        pulled = await asyncio.to_thread(herald, "nomenclatures", "pull", "--config", config)
        assert pulled.returncode == 0, pulled.stderr
        assert asked(installation) == {"C001": 2, "C003": 2}
        await age_by(installation, 3, "CL037")
        await eventually(
            lambda: both(workers),
            lambda found: all(one.value(AGE, system="nhis", code_list="CL037") > 3 * DAY for one in found),
        )


async def test_a_worker_that_starts_pulls_only_what_is_old(installation):
    config = installation.config(SETTINGS)
    assert herald("nomenclatures", "pull", "--config", config).returncode == 0
    installation.nhis.reset()
    await age_by(installation, 3, "C004")
    async with serving(config) as worker:
        await eventually(
            lambda: scrape(worker.health.address),
            lambda found: found.value(AGE, system="nhis", code_list="C004") < DAY,
        )
    assert asked(installation) == {"C003": 1}


async def test_submissions_go_on_while_a_pull_hangs_and_fails(installation):
    """NHIS keeps the pull waiting; the submission needs none of it."""
    installation.nhis.fault("hang-before", match={"messageType": "C001"}, seconds=30, times=None)
    patient = installation.patient()
    async with serving(installation.config(SETTINGS)) as worker, installation.reading() as answers:
        await installation.publish(register("beside", patient))
        await answers.answered(["beside"])
        assert (await installation.detail("beside")).submission.state == "accepted"
        seen = await eventually(
            lambda: scrape(worker.health.address),
            lambda found: (
                found.value(PULLS, system="nhis", outcome="incomplete") == 1
                and found.value(MISSING, system="nhis") == 1
            ),
        )
        assert seen.value(AGE, system="nhis", code_list="CL037") is None
        assert "nomenclatures" not in (await probe(worker.health.address, "/readyz")).kinds, "one is no trend"
