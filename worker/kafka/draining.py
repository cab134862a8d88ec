"""How the window is emptied: what is in flight finishes within a time, and what is late is cancelled."""

from __future__ import annotations

import asyncio
import logging
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from worker.kafka.lane import Lane

log = logging.getLogger(__name__)

ABANDON_PAUSE = 2.0
"""Seconds that a cancelled submission has to write its state to the journal, before it is cancelled once more."""
PATIENT_TIMES = 3
"""Cancellations after which the log says that something does not end: the stop waits for it."""


async def drain(lanes: Collection[Lane], seconds: float) -> set[asyncio.Task[None]]:
    """Let these lanes finish what is in flight, within `seconds`; return the tasks that still run."""
    for lane in lanes:
        lane.shutdown.drain()
    tasks = {task for lane in lanes for task in lane.tasks}
    if not tasks:
        return set()
    _, late = await asyncio.wait(tasks, timeout=seconds)
    return late


async def cancel(tasks: set[asyncio.Task[None]]) -> None:
    """Cancel until all have ended: a submission may catch a cancellation to write its state, and hang at that."""
    for times in count(1):
        if not tasks:
            return
        if times > PATIENT_TIMES:
            log.warning("submissions do not end although they are cancelled", extra={"count": len(tasks)})
        for task in tasks:
            task.cancel()
        _, tasks = await asyncio.wait(tasks, timeout=ABANDON_PAUSE)
