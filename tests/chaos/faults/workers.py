"""What happens to workers: killed, told to stop, frozen, too few, too many, wrong about the time, back to the start."""

from __future__ import annotations

import asyncio
import signal
import time
from contextlib import suppress
from functools import partial

from tests.chaos.crash_points import CrashPoint
from tests.chaos.crew import Hand
from tests.chaos.faults.nhis import ask
from tests.chaos.world import EXTRA, World
from tests.support.worker.kafka import rewind

DAY = 86_400
AWHILE = 3.0
SCALES = (1, 4, 2)
HIT_SECONDS = 12.0
TRIES = 6
SOMEONE_SECONDS = 30
LATE = 5
"""At which call of its step a worker crashes at the latest."""
PROVOKE_SECONDS = 2.0
OCCASIONS = 4
RARE = ("received", "release", "park")
"""Steps that few submissions take."""


async def kill_9(world: World) -> None:
    """End one as the kernel would for want of memory."""
    if hand := await _anyone(world):
        hand.send(signal.SIGKILL)
        await hand.end()
        world.faults["kill-9"] += 1


async def sigterm(world: World) -> None:
    """Ask one to stop under load; the crew replaces it."""
    if hand := await _anyone(world):
        await world.crew.dismiss(hand)
        world.faults["sigterm"] += 1


async def sigterm_twice(world: World) -> None:
    """Ask one to stop, and again before it has."""
    if hand := await _anyone(world):
        hand.send(signal.SIGTERM)
        await asyncio.sleep(0.05)
        await world.crew.dismiss(hand)
        world.faults["sigterm-twice"] += 1


async def zombie(world: World) -> None:
    """Freeze one until the group and the journal have given it up, then let it go on."""
    if hand := await _anyone(world):
        hand.frozen = True
        hand.send(signal.SIGSTOP)
        await asyncio.sleep(world.lease_seconds + AWHILE)
        hand.send(signal.SIGCONT)
        hand.frozen = False
        world.faults["zombie"] += 1


async def scale(world: World) -> None:
    """Work with one, four and two, and then as many as there were."""
    for wanted in SCALES:
        world.crew.wanted = wanted
        await asyncio.sleep(AWHILE)
    world.crew.wanted = world.workers
    world.faults["scale-1-4-2"] += 1


async def clock_forward(world: World) -> None:
    """Let one believe for a while that it is tomorrow."""
    await _step_clock(world, DAY, "clock-forward")


async def clock_back(world: World) -> None:
    """Let one believe for a while that it is yesterday."""
    await _step_clock(world, -DAY, "clock-back")


async def crash(world: World, point: str) -> None:
    """Let a worker kill itself at a point, trying again with another where it had no occasion to."""
    step = point.partition("-")[2]
    for _ in range(TRIES):
        nth = 1 if step in RARE or world.hospital.published else world.chance.randint(1, LATE)
        hand = await world.crew.hire(crash_at=CrashPoint.parse(f"{point}:{nth}"))
        await _provoke(world, hand, step)
        await world.crew.dismiss(hand)
        if hand.crashed:
            return


async def rewind_offsets(world: World) -> None:
    """Set the group's offsets back to the beginning while no worker runs."""
    await world.crew.stop()
    stage = world.stage
    world.rewinds.append(time.time())
    await asyncio.to_thread(rewind, stage.bootstrap, stage.group, stage.topics.submissions)
    world.crew.wanted = world.workers
    world.faults["offsets-to-the-beginning"] += 1


async def _provoke(world: World, hand: Hand, step: str) -> None:
    """Give it occasions, until it has crashed or has had enough of them."""
    if step == "release":
        await _let_wait(world, hand)
        return
    end = time.monotonic() + HIT_SECONDS
    while hand.alive and time.monotonic() < end:
        if step == "received":
            await _refuse(world, 5)  # what is refused for now is written, and tried again
        if step == "park":
            await world.hospital.publish_unreadable(EXTRA)
        await world.occasion()
        with suppress(TimeoutError):
            await hand.end(PROVOKE_SECONDS)


async def _let_wait(world: World, hand: Hand) -> None:
    """Let its submissions wait to be tried again, when it is told to stop: then it hands them back."""
    with suppress(AssertionError):  # it may hand something back before it is ready, in a rebalance
        await hand.ready()
    await _refuse(world, 40)
    for _ in range(OCCASIONS):
        await world.occasion()
    await asyncio.sleep(PROVOKE_SECONDS)


async def _refuse(world: World, times: int) -> None:
    await ask(partial(world.stage.nhis.fault, "status", times=times, status=503))


async def _step_clock(world: World, seconds: float, name: str) -> None:
    if hand := await _anyone(world):
        hand.clock_file.write_text(str(seconds), encoding="ascii")
        await asyncio.sleep(AWHILE)
        hand.clock_file.write_text("0", encoding="ascii")
        world.faults[name] += 1


async def _anyone(world: World) -> Hand | None:
    """Wait for someone to be at work; None where there is nobody for long."""
    for _ in range(SOMEONE_SECONDS * 10):
        if hand := world.crew.anyone(world.chance):
            return hand
        await asyncio.sleep(0.1)
    return None
