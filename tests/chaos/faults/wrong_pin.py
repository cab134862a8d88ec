"""Signers whose PIN is wrong: their submissions end as dead letters, and the PIN is tried once in the run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial

from sandbox.authority import Doctor as Signer
from tests.chaos.faults.nhis import ask
from tests.chaos.plan import Bad
from tests.chaos.producer import past_day
from tests.chaos.run_context import RunContext
from tests.chaos.signing import FORGETFUL, MISTAKEN
from tests.support.worker.hospital import Doctor, Patient, register

MANY = 4
FIRST_PATIENT = 20_000
"""Numbers of patients that nobody else has."""
TRIED_SECONDS = 5.0
LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class WrongPin:
    """One fault. ``tries`` returns how often the PIN of its signer was judged, by all workers together."""

    name: str
    signer: Signer
    tries: Callable[[RunContext], Awaitable[list[str]]]


async def _at_token(context: RunContext) -> list[str]:
    return context.signing.counted.tries()


async def _at_provider(context: RunContext) -> list[str]:
    shown = await ask(context.signing.provider.ledger)
    return ["wrong"] * shown["pins"]["wrong"].get(MISTAKEN.name, 0)


FAULTS = (
    WrongPin("wrong-pin", FORGETFUL, _at_token),
    WrongPin("wrong-pin-at-provider", MISTAKEN, _at_provider),
)


async def publish(context: RunContext, fault: WrongPin) -> None:
    """Publish submissions of its signer, and wait until the PIN was tried; later ones must not try it again."""
    await _publish(context, fault.signer)
    end = time.monotonic() + TRIED_SECONDS
    while time.monotonic() < end:
        if await fault.tries(context):
            context.faults[fault.name] += 1
            return
        await asyncio.sleep(LOOK_SECONDS)


def by_name() -> Iterable[tuple[str, Callable[[RunContext], Awaitable[None]]]]:
    """Return each fault by its name."""
    return ((one.name, partial(publish, fault=one)) for one in FAULTS)


async def tried_once(context: RunContext) -> None:
    """Report each PIN that all workers together did not try once, and wrongly."""
    for fault in FAULTS:
        tries = await fault.tries(context)
        if tries != ["wrong"]:
            context.workers.surprises.append(f"{fault.name}: its PIN was tried {len(tries)} times: {tries}")


async def _publish(context: RunContext, signer: Signer) -> None:
    for _ in range(MANY):
        name = context.producer.next_id("w")
        number = FIRST_PATIENT + int(name.partition("-")[2])
        patient = Patient(number, Doctor(signer.name, signer.uin))
        made = register(name, patient, occurrence=past_day().isoformat())
        await context.producer.publish_one(made, patient, Bad.SIGNING_FAILED)
