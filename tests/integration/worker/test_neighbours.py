"""One patient's trouble, or one signer's, is nobody else's: more of it than can be in flight at once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from statistics import median, quantiles

import pytest

from tests.support.worker.hospital import register
from tests.support.worker.installation import Installation, serving
from tests.support.worker.kafka import Answers

MANY = 600
SLOW = {"retry": {"initial": 2, "maximum": 60, "give_up_after": 86_400}}


@pytest.mark.parametrize("trouble", ["one patient", "one signer"])
async def test_the_others_are_answered(installation, trouble):
    sick = installation.patient()
    well = [one for one in (installation.patient() for _ in range(40)) if one.doctor != sick.doctor][:20]
    if trouble == "one patient":
        installation.nhis.fault("status", match={"patient": sick.egn}, status=503, times=None)
        bad = [register(f"bad-{n}", sick) for n in range(MANY)]
    else:
        installation.nhis.fault("status", match={"signer": sick.doctor.uin}, status=503, times=None)
        same = (one for one in (installation.patient() for _ in range(4 * MANY)) if one.doctor == sick.doctor)
        bad = [register(f"bad-{one.number}", one) for one, _ in zip(same, range(MANY), strict=False)]
    async with serving(installation.config(SLOW)), installation.reading() as answers:
        await installation.publish(*bad)
        await asyncio.sleep(3)
        await installation.publish(*(register(f"well-{one.number}", one) for one in well))
        await answers.answered((f"well-{one.number}" for one in well), seconds=20)
    assert set(answers.kinds().values()) == {"accepted"}


OTHERS = 500
AT_ONCE = 10
APART = 0.1
"""Seconds between publishing so many: slow enough that nobody waits for a machine that is busy."""


async def _latencies(installation: Installation, answers: Answers, name: str) -> list[float]:
    """Publish many patients' events at a steady pace, and return the seconds that each took to its answer."""
    events = [register(f"{name}-{n}", installation.patient()) for n in range(OTHERS)]
    published: dict[str, datetime] = {}
    for first in range(0, OTHERS, AT_ONCE):
        some = events[first : first + AT_ONCE]
        published |= dict.fromkeys((one.id for one in some), datetime.now(UTC))
        await installation.publish(*some)
        await asyncio.sleep(APART)
    await answers.answered(published)
    details = await installation.details(published)
    return [
        (detail.submission.finished_at - published[detail.submission.id]).total_seconds()
        for detail in details
    ]


@pytest.mark.alone
async def test_one_patient_that_retries_does_not_slow_five_hundred_others(kafka, journal_dsn, nhis, tmp_path):
    # One partition: all of them come after the bad one, whose offset cannot be committed.
    installation = Installation.build(kafka.bootstrap, journal_dsn, nhis, tmp_path, partitions=1)
    sick = installation.patient()
    nhis.fault("status", match={"patient": sick.egn}, status=503, times=None)
    async with (
        serving(installation.config({"retry": {"give_up_after": 600}})),
        installation.reading() as answers,
    ):
        await _latencies(installation, answers, "warming")
        alone = await _latencies(installation, answers, "alone")
        await installation.publish(register("bad", sick))
        await installation.state("bad", "claimed", "sending")
        beside = await _latencies(installation, answers, "beside")
        bad = (await installation.detail("bad")).submission
        committed = (await installation.committed())[0]

    assert bad.state in {"claimed", "sending"}
    assert bad.attempts > 3
    assert committed == bad.offset  # it was in the way all the time
    # Within noise: by far less than the one second and more between two of its attempts.
    assert median(beside) < 2 * median(alone) + 0.1
    assert quantiles(beside, n=20)[-1] < 2 * quantiles(alone, n=20)[-1] + 0.5
