"""Cancelling tasks until they have ended: one that catches a cancellation, or loses it, is cancelled once more."""

from __future__ import annotations

import asyncio
import logging
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

log = logging.getLogger(__name__)

ABANDON_PAUSE = 2.0
"""Seconds that a cancelled task has to end, and to write its state before, until it is cancelled once more."""
PATIENT_TIMES = 3
"""Cancellations after which the log says that something does not end: the stop waits for it."""

MOST_NAMED = 10
"""Tasks that this line names."""


async def cancel(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Return when all of these have ended. One that fails meanwhile is logged."""
    left = _running(tasks)
    for times in count(1):
        if not left:
            return
        if times > PATIENT_TIMES:
            named = ", ".join(sorted({task.get_name() for task in left})[:MOST_NAMED])
            told = {"count": len(left), "detail": named}
            log.warning("tasks do not end although they are cancelled", extra=told)
        for task in left:
            task.cancel()
        ended, left = await asyncio.wait(left, timeout=ABANDON_PAUSE)
        _log_failures(ended)


def _running(tasks: Iterable[asyncio.Task[Any]]) -> set[asyncio.Task[Any]]:
    found = set(tasks)
    for task in (one for one in found if one.done() and not one.cancelled()):
        task.exception()  # asyncio tells of one that nobody looked at
    return {task for task in found if not task.done()}


def _log_failures(ended: Iterable[asyncio.Task[Any]]) -> None:
    """Log the names of errors without their texts, which may quote anything."""
    for task in ended:
        if not task.cancelled() and (error := task.exception()):
            told = {"error": type(error).__name__, "detail": task.get_name()}
            log.warning("a task failed while it was stopped", extra=told)
