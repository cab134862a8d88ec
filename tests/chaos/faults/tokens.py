"""Faults of tokens: pulled out and put back, and the process killed that signs with one."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from tests.chaos.run_context import RunContext
from tests.chaos.token_process import MISSED, NAME

PULLED_SECONDS = 2.0
MET_SECONDS = 120.0
LOOK_SECONDS = 0.5
KILLS = 3


async def pull(context: RunContext) -> None:
    """Pull the token out until a worker has missed it, and put it back."""
    missed = context.signing.softhsm.configuration.with_name(MISSED)
    before = _lines(missed)
    await asyncio.to_thread(context.signing.softhsm.pull_out)
    try:
        await asyncio.sleep(PULLED_SECONDS)
        end = time.monotonic() + MET_SECONDS
        while _lines(missed) <= before and time.monotonic() < end:
            await context.occasion()
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        await asyncio.to_thread(context.signing.softhsm.put_back)
    context.faults["token-pulled"] += _lines(missed) - before


def _lines(file: Path) -> int:
    return len(file.read_text().splitlines()) if file.exists() else 0


async def kill_process(context: RunContext) -> None:
    """Kill signer processes of workers that go on, one after the other."""
    for _ in range(KILLS):
        if processes := await _in_use(context):
            with suppress(ProcessLookupError):  # it may have ended just now
                os.kill(context.chance.choice(processes), signal.SIGKILL)
                context.faults["signer-process-kill-9"] += 1


async def _in_use(context: RunContext) -> list[int]:
    """Wait until workers have signer processes, and return these; none, where there is none for long."""
    end = time.monotonic() + MET_SECONDS
    while True:
        await context.occasion()
        await asyncio.sleep(LOOK_SECONDS)
        found = await asyncio.to_thread(_processes, {one.pid for one in context.workers.serving()})
        if found or time.monotonic() > end:
            return found


def _processes(workers: set[int]) -> list[int]:
    """Return the signer processes of these workers."""
    return sorted(
        int(process.name)
        for process in Path("/proc").iterdir()
        if process.name.isdecimal() and _is_signer(process, workers)
    )


def _is_signer(process: Path, workers: set[int]) -> bool:
    try:
        arguments = (process / "cmdline").read_bytes().split(b"\0")
        after_name = (process / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:  # it has ended
        return False
    return NAME.encode() in arguments and int(after_name[1]) in workers
