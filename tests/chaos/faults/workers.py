"""Faults of workers: killed, told to stop, frozen, scaled down and up, given a wrong clock, their offsets set back."""

from __future__ import annotations

import asyncio
import signal
import time
from contextlib import suppress
from functools import partial

from tests.chaos.control import ask
from tests.chaos.crash_points import LETTERS, WAITING, CrashPoint
from tests.chaos.defects import MARK
from tests.chaos.letters.plan import Kind as LettersKind
from tests.chaos.run_context import EXTRA, RunContext
from tests.chaos.workers import WorkerProcess
from tests.support.worker.kafka import rewind

DAY = 86_400
AWHILE = 3.0
SCALES = (1, 4, 2)
HIT_SECONDS = 12.0
DEFECT_SECONDS = 60.0
SOMEONE_SECONDS = 30
LATE = 5
"""At which call of its step a worker crashes at the latest."""
PROVOKE_SECONDS = 2.0
OCCASIONS = 4
RARE = ("received", "release", "park", "published")
"""Steps that few submissions take."""


async def kill_9(context: RunContext) -> None:
    """Kill one with SIGKILL, as the kernel does when memory runs out."""
    if process := await _any_serving(context):
        process.send(signal.SIGKILL)
        await process.end()
        context.faults["kill-9"] += 1


async def sigterm(context: RunContext) -> None:
    """Ask one to stop under load; another one is started in its place."""
    if process := await _any_serving(context):
        await context.workers.stop_one(process)
        context.faults["sigterm"] += 1


async def sigterm_twice(context: RunContext) -> None:
    """Ask one to stop, and again before it has stopped."""
    if process := await _any_serving(context):
        process.send(signal.SIGTERM)
        await asyncio.sleep(0.05)
        await context.workers.stop_one(process)
        context.faults["sigterm-twice"] += 1


async def zombie(context: RunContext) -> None:
    """Freeze one until the group and the journal have given it up, then let it go on."""
    if process := await _any_serving(context):
        process.frozen = True
        process.send(signal.SIGSTOP)
        await asyncio.sleep(context.lease_seconds + AWHILE)
        process.send(signal.SIGCONT)
        process.frozen = False
        context.faults["zombie"] += 1


async def scale(context: RunContext) -> None:
    """Work with one, four and two, and then as many as there were."""
    for wanted in SCALES:
        context.workers.wanted = wanted
        await asyncio.sleep(AWHILE)
    context.workers.wanted = context.worker_count
    context.faults["scale-1-4-2"] += 1


async def clock_forward(context: RunContext) -> None:
    """Let one believe for a while that it is tomorrow."""
    await _step_clock(context, DAY, "clock-forward")


async def clock_back(context: RunContext) -> None:
    """Let one believe for a while that it is yesterday."""
    await _step_clock(context, -DAY, "clock-back")


async def crash(context: RunContext, point: str) -> None:
    """Let a worker kill itself at a point."""
    step = point.partition("-")[2]
    often = step not in (*RARE, *WAITING, *LETTERS) and not context.producer.published
    nth = context.chance.randint(1, LATE) if often else 1
    process = await context.workers.start(
        crash_at=CrashPoint.parse(f"{point}:{nth}"), system=_system_of(step)
    )
    await _provoke(context, process, step)
    await context.workers.stop_one(process)


async def defect(context: RunContext, method: str) -> None:
    """Let a method of the system's port raise in one worker; it may die before, or have no occasion for long."""
    process = await context.workers.start(defect_in=method, system="nhis")
    end, met = time.monotonic() + DEFECT_SECONDS, 0
    while process.alive and not met and time.monotonic() < end:
        if method == "settle":  # a look-up decides where the answer was lost
            await ask(partial(context.installation.nhis.fault, "drop-after", times=3))
        await context.occasion()
        await asyncio.sleep(PROVOKE_SECONDS / 2)
        met = _defects(process)
    await context.workers.stop_one(process)
    context.faults[f"defect-{method}"] += met


def _defects(process: WorkerProcess) -> int:
    log = process.log.read_text(encoding="utf-8", errors="replace") if process.log.exists() else ""
    return log.count(MARK)


async def rewind_offsets(context: RunContext) -> None:
    """Set the group's offsets back to the beginning while no worker runs."""
    await context.workers.stop()
    context.rewinds.append(time.time())
    for one in context.installations:
        await asyncio.to_thread(rewind, one.bootstrap, one.group, one.topics.submissions)
    context.workers.wanted = context.worker_count
    context.faults["offsets-to-the-beginning"] += 1


async def _provoke(context: RunContext, process: WorkerProcess, step: str) -> None:
    """Publish records that lead to the step, until the worker has crashed or the time is up."""
    if step == "release":
        await _let_wait(context, process)
        return
    end = time.monotonic() + HIT_SECONDS
    while process.alive and time.monotonic() < end:
        if step == "received":
            await _refuse(context, 5)  # a temporary refusal is journaled, and tried again
        if step in ("park", "published"):
            await context.producer.publish_unreadable(EXTRA)
        if step in WAITING:
            await context.egov.occasion_to_wait()
        elif step in LETTERS:
            await _occasion_for(context, step)
        else:
            await context.occasion()
        with suppress(TimeoutError):
            await process.end(PROVOKE_SECONDS)


def _system_of(step: str) -> str:
    """Return the system in whose worker the step comes."""
    return "regix" if step in WAITING else "edelivery" if step in LETTERS else "nhis"


async def _occasion_for(context: RunContext, step: str) -> None:
    match step:
        case "progress":
            await context.letters.occasion_to_send()
        case "take-watch" | "saw":
            await context.letters.occasion_to_look()
        case _:
            await context.letters.occasion(LettersKind.REQUEST)


async def _let_wait(context: RunContext, process: WorkerProcess) -> None:
    """Make the worker's submissions wait for a retry, then tell it to stop: it releases them."""
    with suppress(AssertionError):  # it may release something before it is ready, in a rebalance
        await process.ready()
    await _refuse(context, 40)
    for _ in range(OCCASIONS):
        await context.occasion()
    await asyncio.sleep(PROVOKE_SECONDS)


async def _refuse(context: RunContext, times: int) -> None:
    await ask(partial(context.installation.nhis.fault, "status", times=times, status=503))


async def _step_clock(context: RunContext, seconds: float, name: str) -> None:
    if process := await _any_serving(context):
        process.clock_file.write_text(str(seconds), encoding="ascii")
        await asyncio.sleep(AWHILE)
        process.clock_file.write_text("0", encoding="ascii")
        context.faults[name] += 1


async def _any_serving(context: RunContext) -> WorkerProcess | None:
    """Wait for a serving worker; None where there is none for long."""
    for _ in range(SOMEONE_SECONDS * 10):
        if process := context.workers.any_serving(context.chance):
            return process
        await asyncio.sleep(0.1)
    return None
