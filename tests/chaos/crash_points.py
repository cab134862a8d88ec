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
from worker.journal.postgres import PostgresJournal
from worker.kafka.replies import ReplyPublisher

JOURNAL = ("claim", "sending", "received", "finish", "answered", "release", "park", "published")
STEPS = (*JOURNAL, "exchange", "publish", "commit")
SIDES = ("before", "after")
POINTS = tuple(f"{side}-{step}" for step in STEPS for side in SIDES)

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
            calls += 1
            now = calls == point.nth
            if now and point.side == "before":
                os.kill(os.getpid(), sign)
            result = await call(*args, **kwargs)
            if now and point.side == "after":
                os.kill(os.getpid(), sign)
            return result

        return counted

    _wrap(point.step, around)


def _wrap(step: str, around: Callable[[Call], Call]) -> None:
    if step == "exchange":
        _wrap_exchange(around)
        return
    owner = {"publish": ReplyPublisher, "commit": AIOKafkaConsumer}.get(step, PostgresJournal)
    setattr(owner, step, around(getattr(owner, step)))


def _wrap_exchange(around: Callable[[Call], Call]) -> None:
    """Wrap the method of every system that is built."""
    build = systems.build_system

    def built(*args: Any, **kwargs: Any) -> Any:
        system: Any = build(*args, **kwargs)
        system.exchange = around(system.exchange)
        return system

    systems.build_system = built
