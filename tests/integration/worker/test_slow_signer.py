"""Providers that take two seconds for a signature slow no signer whose key is in a file: one worker, three doctors."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.signing.providers import csc_settings
from tests.support.worker.hospital import register
from tests.support.worker.installation import serving
from tests.support.worker.sandbox import Sandbox, running

SECONDS = 2.0
MANY = 16
# Few places, so that a handful of submissions that wait for signatures could take all of them.
FEW = {"limits": {"in_flight": 8, "in_flight_per_signer": 6, "in_flight_remote": 6}}


@pytest.fixture
def provider(nhis):
    """A provider that holds the keys of NHIS's doctors, and is slow."""
    directory = Path(nhis.ca_file).parent
    with running("csc", directory, kind=Sandbox) as provider:
        provider.fault("delay", match={"operation": "signatures/signHash"}, seconds=SECONDS, times=None)
        yield provider


async def test_the_others_are_answered_at_once_and_the_slow_ones_too(installation, provider):
    slow, fast = installation.nhis.doctors[:2], installation.nhis.doctors[2]
    far = {one.signer: csc_settings(provider.ready, one.signer) for one in slow}
    installation = replace(installation, signers={**installation.signers, **far})
    people = [installation.patient() for _ in range(3 * MANY)]
    behind = [register(f"slow-{one.number}", one) for one in people if one.doctor in slow]
    ahead = [register(f"fast-{one.number}", one) for one in people if one.doctor == fast]
    async with serving(installation.config(FEW)), installation.reading() as answers:
        await installation.publish(*behind)
        began = time.monotonic()
        await installation.publish(*ahead)
        await answers.answered([one.id for one in ahead], seconds=20)
        took = time.monotonic() - began
        left = sum(one.id not in answers.kinds() for one in behind)
        await answers.answered([one.id for one in behind], seconds=90)
    assert set(answers.kinds().values()) == {"accepted"}
    assert len(ahead) >= MANY // 2
    assert left > len(behind) / 2, "the slow ones were not in the way"
    # Behind the slow ones, whose signatures take eight places at a time, they would wait for at least four of them.
    assert took < SECONDS * 3
    assert provider.ledger()["pins"]["wrong"] == {}
