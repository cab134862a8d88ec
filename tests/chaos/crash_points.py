"""Crash points: a worker that kills or freezes itself right before or after the NTH call of a durable step.

They exist in test processes only: they wrap the ports of the pipeline from outside.
"""

from __future__ import annotations

import asyncio
import functools
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeAlias

from aiokafka import AIOKafkaConsumer

from worker.composition import systems
from worker.files.postgres_contents import PostgresContents
from worker.files.store import JournalFileStore
from worker.journal.notifications import PostgresNotifications
from worker.journal.postgres import PostgresJournal
from worker.journal.watches import PostgresWatches
from worker.kafka.replies import ReplyPublisher
from worker.pipeline.ports import Event

JOURNAL = ("claim", "sending", "received", "finish", "answered", "release", "park", "published")
WAITING = ("wait", "take_due", "put_off", "acknowledge", "waited")
"""Steps of what a system answers later, in the journal too."""
LETTERS = ("progress", "finish-notices", "save", "write-content", "keep-file", "take-watch", "saw")
"""Steps of a submission in several requests, of its notifications, of the file store, and of looks for news."""
RECEIVER = (
    "keep", "take", "note_published", "publish-notification",
    "extend", "release-notification", "hasten", "look_soon",
)  # fmt: skip
"""Steps of a receiver."""
STEPS = (*JOURNAL, *WAITING, *LETTERS, "exchange", "publish", "commit", *RECEIVER)
LOOKS = frozenset({"take_due", "take", "take-watch"})
"""Steps that mostly find nothing to take: after them, only those that found something count."""
SIDES = ("before", "after")
POINTS = tuple(f"{side}-{step}" for step in STEPS for side in SIDES)
RECEIVER_POINTS = tuple(f"{side}-{step}" for step in RECEIVER for side in SIDES)
WAITING_POINTS = tuple(f"{side}-{step}" for step in WAITING for side in SIDES)
LETTERS_POINTS = tuple(f"{side}-{step}" for step in LETTERS for side in SIDES)
WORKER_POINTS = tuple(point for point in POINTS if point not in RECEIVER_POINTS)

Call: TypeAlias = Callable[..., Awaitable[Any]]

PLACES: Mapping[str, tuple[type, str]] = {
    **{step: (PostgresJournal, step) for step in (*JOURNAL, *WAITING)},
    "progress": (PostgresJournal, "received"),
    "finish-notices": (PostgresJournal, "finish"),
    "save": (JournalFileStore, "save"),
    "write-content": (PostgresContents, "write"),
    "keep-file": (JournalFileStore, "_keep"),
    "take-watch": (PostgresWatches, "take"),
    "saw": (PostgresWatches, "saw"),
    "publish": (ReplyPublisher, "publish"),
    "commit": (AIOKafkaConsumer, "commit"),
    **{
        step: (PostgresNotifications, step) for step in ("keep", "take", "note_published", "extend", "hasten")
    },
    "publish-notification": (ReplyPublisher, "publish"),
    "release-notification": (PostgresNotifications, "release"),
    "look_soon": (PostgresWatches, "look_soon"),
}
"""The method that is each step; the exchange is a method of every system."""
OTHERS: Mapping[str, Callable[..., bool]] = {
    "progress": lambda *_, progress=None, **__: progress is not None,
    "finish-notices": lambda _self, _ticket, final, _received: bool(final.notices),
    "saw": lambda _self, _look, found, *_, **__: bool(found),
}
"""Which calls of a method are the step, where not all are: those with progress, or with notifications."""
SLOW: Mapping[str, float] = {"extend": 1.0, "release-notification": 3600.0}
"""Seconds that a publication takes in a process with this point: otherwise it is over before the step can come."""


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
    counts = OTHERS.get(point.step, lambda *_, **__: True)

    def around(call: Call) -> Call:
        @functools.wraps(call)
        async def counted(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            if not counts(*args, **kwargs):
                return await call(*args, **kwargs)
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
    owner, name = PLACES[step]
    setattr(owner, name, around(getattr(owner, name)))


def slow_publications(seconds: float) -> None:
    """Let every publication of this process begin so much later."""
    publish = ReplyPublisher.publish

    async def slowed(self: ReplyPublisher, event: Event, instead: Event | None = None) -> None:
        await asyncio.sleep(seconds)
        await publish(self, event, instead)

    ReplyPublisher.publish = slowed  # type: ignore[method-assign]


def _wrap_exchange(around: Callable[[Call], Call]) -> None:
    """Wrap the method of every system that is built."""
    build = systems.build_system

    def built(*args: Any, **kwargs: Any) -> Any:
        system: Any = build(*args, **kwargs)
        system.exchange = around(system.exchange)
        return system

    systems.build_system = built
