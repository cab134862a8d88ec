"""Crash points: a worker that kills or freezes itself right before or after the NTH call of a durable step.

They exist in test processes only: they wrap the ports of the pipeline from outside.
"""

from __future__ import annotations

import functools
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Self, TypeAlias

from aiokafka import AIOKafkaConsumer

from worker.composition import systems
from worker.journal.notifications import PostgresNotifications
from worker.journal.postgres import PostgresJournal
from worker.kafka.replies import ReplyPublisher

JOURNAL = ("claim", "sending", "received", "finish", "answered", "release", "park", "published")
WAITING = ("wait", "take_due", "put_off", "acknowledge", "waited")
"""Steps of what a system answers later, in the journal too."""
RECEIVER = ("keep", "take", "note_published", "publish-notification")
"""Steps of a receiver."""
STEPS = (*JOURNAL, *WAITING, "exchange", "publish", "commit", *RECEIVER)
LOOKS = frozenset({"take_due", "take"})
"""Steps that mostly find nothing to take: after them, only those that found something count."""
SIDES = ("before", "after")
POINTS = tuple(f"{side}-{step}" for step in STEPS for side in SIDES)
RECEIVER_POINTS = tuple(f"{side}-{step}" for step in RECEIVER for side in SIDES)
WAITING_POINTS = tuple(f"{side}-{step}" for step in WAITING for side in SIDES)
WORKER_POINTS = tuple(point for point in POINTS if point not in RECEIVER_POINTS)

Call: TypeAlias = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class CrashPoint:
    """The point at which a worker ends: `before-sending:3` is before the third call of the step."""

    side: str
    step: str
    nth: int = 1

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `POINT:NTH`. Raises ValueError."""
        name, _, nth = text.partition(":")
        if name not in POINTS:
            raise ValueError(f"no crash point {name!r}; there are {', '.join(POINTS)}")
        side, _, step = name.partition("-")
        return cls(side, step, int(nth or 1))

    @property
    def name(self) -> str:
        return f"{self.side}-{self.step}"

    def __str__(self) -> str:
        return f"{self.name}:{self.nth}"


def install(point: CrashPoint, sign: signal.Signals) -> None:
    """Let this process send itself a signal (SIGKILL or SIGSTOP) at the point."""
    calls = 0

    def around(call: Call) -> Call:
        @functools.wraps(call)
        async def counted(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            if point.side == "before":
                calls += 1
                _signal_at(point.nth, calls, sign)
            result = await call(*args, **kwargs)
            if point.side == "after" and (result or point.step not in LOOKS):
                calls += 1
                _signal_at(point.nth, calls, sign)
            return result

        return counted

    _wrap(point.step, around)


def _signal_at(nth: int, calls: int, sign: signal.Signals) -> None:
    if calls == nth:
        os.kill(os.getpid(), sign)


def _wrap(step: str, around: Callable[[Call], Call]) -> None:
    if step == "exchange":
        _wrap_exchange(around)
        return
    owner, name = _owner_of(step), "publish" if step == "publish-notification" else step
    setattr(owner, name, around(getattr(owner, name)))


def _owner_of(step: str) -> type:
    if step in ("publish", "publish-notification"):
        return ReplyPublisher
    if step in RECEIVER:
        return PostgresNotifications
    return AIOKafkaConsumer if step == "commit" else PostgresJournal


def _wrap_exchange(around: Callable[[Call], Call]) -> None:
    """Wrap the method of every system that is built."""
    build = systems.build_system

    def built(*args: Any, **kwargs: Any) -> Any:
        system: Any = build(*args, **kwargs)
        system.exchange = around(system.exchange)
        return system

    systems.build_system = built
