"""How the window is emptied: what is in flight finishes within a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from worker.kafka.lane import Lane


async def drain(lanes: Collection[Lane], seconds: float) -> set[asyncio.Task[None]]:
    """Let these lanes finish what is in flight, within `seconds`; return the tasks that still run."""
    for lane in lanes:
        lane.shutdown.drain()
    tasks = {task for lane in lanes for task in lane.tasks}
    if not tasks:
        return set()
    _, late = await asyncio.wait(tasks, timeout=seconds)
    return late
