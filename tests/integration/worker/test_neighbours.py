"""One patient's trouble, or one signer's, is nobody else's: more of it than can be on the wire at once."""

from __future__ import annotations

import asyncio

import pytest
from tests.support.worker_hospital import register
from tests.support.worker_stage import serving

MANY = 600
SLOW = {"retry": {"initial": 2, "maximum": 60, "give_up_after": 86_400}}


@pytest.mark.parametrize("trouble", ["one patient", "one signer"])
async def test_the_others_are_answered(stage, trouble):
    sick = stage.patient()
    well = [one for one in (stage.patient() for _ in range(40)) if one.doctor != sick.doctor][:20]
    if trouble == "one patient":
        stage.nhis.fault("status", match={"patient": sick.egn}, status=503, times=None)
        bad = [register(f"bad-{n}", sick) for n in range(MANY)]
    else:
        stage.nhis.fault("status", match={"signer": sick.doctor.uin}, status=503, times=None)
        same = (one for one in (stage.patient() for _ in range(4 * MANY)) if one.doctor == sick.doctor)
        bad = [register(f"bad-{one.number}", one) for one, _ in zip(same, range(MANY), strict=False)]
    async with serving(stage.config(SLOW)), stage.reading() as answers:
        await stage.publish(*bad)
        await asyncio.sleep(3)
        await stage.publish(*(register(f"well-{one.number}", one) for one in well))
        await answers.answered((f"well-{one.number}" for one in well), seconds=20)
    assert set(answers.kinds().values()) == {"accepted"}
