"""When exchanges end at the latest, kept by one timer for all of a client's.

`asyncio.timeout` makes a timer for each of them, which cost a sixth of what an exchange takes of the worker.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from worker.event_loop import current_task, running_loop

if TYPE_CHECKING:
    from types import TracebackType

_NEVER = float("inf")


class Deadlines:
    """The deadlines of exchanges in one event loop."""

    def __init__(self) -> None:
        self._running: set[Deadline] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._looks_at = _NEVER

    def begin(self, deadline: Deadline) -> None:
        """Note one that has a time from now on, or another than before."""
        self._running.add(deadline)
        if deadline.when < self._looks_at:
            self._look_at(deadline.when)

    def end(self, deadline: Deadline) -> None:
        """Forget one. The timer stays: the next exchange needs it, and it finds nothing to end."""
        self._running.discard(deadline)

    def _look_at(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._looks_at = running_loop().call_at(when, self._look), when

    def _look(self) -> None:
        """End the exchanges whose time has come, and come again for the next one."""
        self._timer, self._looks_at = None, _NEVER
        now = running_loop().time()
        for late in [one for one in self._running if one.when <= now]:
            self._running.discard(late)
            late.expire()
        if self._running:
            self._look_at(min(one.when for one in self._running))


class Deadline:
    """A context manager like `asyncio.timeout(None)`: at its time the task is cancelled, and TimeoutError raised."""

    __slots__ = ("_cancelling", "_deadlines", "_task", "expired", "when")

    def __init__(self, deadlines: Deadlines) -> None:
        self.when = _NEVER
        """By the event loop's clock."""
        self.expired = False
        self._deadlines = deadlines

    def __enter__(self) -> Self:
        task = current_task()
        assert task is not None  # noqa: S101  # only tasks send requests
        self._task, self._cancelling = task, task.cancelling()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._deadlines.end(self)
        # Others may have cancelled the task as well: then it ends as they want.
        if self.expired and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def reschedule(self, when: float) -> None:
        """End at this time, by the event loop's clock; one that has expired stays so."""
        if not self.expired:
            self.when = when
            self._deadlines.begin(self)

    def expire(self) -> None:
        """End now."""
        self.expired = True
        self._task.cancel()
