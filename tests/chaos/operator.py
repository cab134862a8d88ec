"""What an operator does during a run: look for stopped senders again and again, and let them go on."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from tests.chaos.run_context import RunContext
from worker.admin.errors import ActFailed
from worker.admin.intake import resume_intake
from worker.settings.load import load

PAUSE = 4.0
"""Seconds that a stop stands, more or less: long enough for the others to go on meanwhile."""


async def resume_stopped(context: RunContext) -> None:
    """Resume what is stopped, and note whose submissions waited, until cancelled."""
    settings = load(context.workers.config, {})
    while True:
        await asyncio.sleep(PAUSE)
        with suppress(ActFailed):  # PostgreSQL is unavailable in some faults
            ended = await resume_intake(settings, "nhis", who="chaos", reason="the run goes on")
            context.stopped.update(stop.stopped for stop in ended)
