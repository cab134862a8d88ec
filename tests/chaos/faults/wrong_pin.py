"""A signer whose PIN is wrong: its submissions end as dead letters, and its token is given the PIN once in the run."""

from __future__ import annotations

import asyncio
import time

from tests.chaos.plan import Bad
from tests.chaos.producer import past_day
from tests.chaos.run_context import RunContext
from tests.chaos.signing import FORGETFUL
from tests.support.worker.hospital import Doctor, Patient, register

NAME = "wrong-pin"
MANY = 4
FIRST_PATIENT = 20_000
"""Numbers of patients that nobody else has."""
TIMES = 6
TRIED_SECONDS = 5.0
LOOK_SECONDS = 0.2


async def publish(context: RunContext) -> None:
    """Publish submissions of this signer until its PIN was tried; those of a later time must not try it again."""
    for _ in range(TIMES):
        await _publish(context)
        end = time.monotonic() + TRIED_SECONDS
        while time.monotonic() < end:
            if context.signing.counted.tries():
                return
            await asyncio.sleep(LOOK_SECONDS)


def tried_once(context: RunContext) -> None:
    """Count the fault if the token was given the PIN once, by all workers together; report any other number."""
    tries = context.signing.counted.tries()
    if tries == ["wrong"]:
        context.faults[NAME] += 1
        return
    context.workers.surprises.append(f"the wrong PIN was not tried once: {tries}")


async def _publish(context: RunContext) -> None:
    for _ in range(MANY):
        name = context.producer.next_id("w")
        number = FIRST_PATIENT + int(name.partition("-")[2])
        patient = Patient(number, Doctor(FORGETFUL.name, FORGETFUL.uin))
        made = register(name, patient, occurrence=past_day().isoformat())
        await context.producer.publish_one(made, patient, Bad.SIGNING_FAILED)
