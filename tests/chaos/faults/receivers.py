"""Faults of receivers: killed, told to stop, frozen, and killed at each of their steps."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress

from tests.chaos.crash_points import CrashPoint
from tests.chaos.run_context import RunContext
from tests.chaos.worker import OUTBOX_LEASE
from tests.chaos.workers import WorkerProcess

AWHILE = 1.0
ROUNDS = 5
PROVOKE_SECONDS = 2.0
SOMEONE_SECONDS = 30


async def kill_9(context: RunContext) -> None:
    """Kill one while calls come."""
    if process := await _any_serving(context):
        await context.egov.occasion_to_receive()
        process.send(signal.SIGKILL)
        await process.end()
        context.faults["receiver-kill-9"] += 1


async def sigterm(context: RunContext) -> None:
    """Ask one to stop while calls come."""
    if process := await _any_serving(context):
        await context.egov.occasion_to_receive()
        await context.egov.receivers.stop_one(process)
        context.faults["receiver-sigterm"] += 1


async def zombie(context: RunContext) -> None:
    """Freeze one while calls come, until others may publish what it was about to publish; then let it go on."""
    if process := await _any_serving(context):
        await context.egov.occasion_to_receive()
        process.frozen = True
        process.send(signal.SIGSTOP)
        await asyncio.sleep(OUTBOX_LEASE + AWHILE)
        process.send(signal.SIGCONT)
        process.frozen = False
        context.faults["receiver-zombie"] += 1


async def crash(context: RunContext, point: str) -> None:
    """Let a receiver kill itself at a point."""
    process = await context.egov.receivers.start(crash_at=CrashPoint.parse(f"{point}:1"))
    await _provoke(context, process, point.partition("-")[2])
    await context.egov.receivers.stop_one(process)


async def _provoke(context: RunContext, process: WorkerProcess, step: str) -> None:
    """Let calls come that lead to the step; one that is told to stop while it publishes gives notifications back."""
    for _ in range(ROUNDS):
        if not process.alive or (step == "release-notification" and await context.egov.claims_of(process)):
            return
        await _occasion_for(context, step)
        with suppress(TimeoutError):
            await process.end(PROVOKE_SECONDS)


async def _occasion_for(context: RunContext, step: str) -> None:
    match step:
        case "hasten":
            await context.egov.occasion_to_wait()
        case "look_soon":
            await context.letters.occasion_to_look()
        case _:
            await context.egov.occasion_to_receive()


async def _any_serving(context: RunContext) -> WorkerProcess | None:
    for _ in range(SOMEONE_SECONDS * 10):
        if process := context.egov.receivers.any_serving(context.chance):
            return process
        await asyncio.sleep(0.1)
    return None
