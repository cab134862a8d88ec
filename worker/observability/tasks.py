"""Tasks that must run for as long as the worker does: one that has ended is a defect that only a restart repairs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from worker.cancelling import cancel

if TYPE_CHECKING:
    from collections.abc import Coroutine


class EndlessTasks:
    """Starts tasks, and says which of them ended before `end` was called."""

    def __init__(self) -> None:
        self._tasks: dict[asyncio.Task[Any], str] = {}

    def start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Run this until `end`."""
        self._tasks[asyncio.create_task(work, name=name)] = name

    async def end(self) -> bool:
        """Cancel all of them, wait until they have ended, and miss none; return whether there were any."""
        tasks, self._tasks = self._tasks, {}
        await cancel(tasks)
        return bool(tasks)

    def dead(self) -> str | None:
        """Say which task has ended, or None."""
        ended = ", ".join(name for task, name in self._tasks.items() if task.done())
        return f"a task has ended: {ended}" if ended else None
