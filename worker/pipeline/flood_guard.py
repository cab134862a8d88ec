"""The flood guard: no work on a record begins while a flood of dead letters has stopped intake.

The stop is in the journal, so that it holds for all workers of a system and survives their restarts, and so that
`herald intake resume` can end it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.pipeline.ports import Away
from worker.pipeline.shutdown import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.pipeline.ports import Clock, Stop, Stops
    from worker.pipeline.shutdown import Shutdown

log = logging.getLogger(__name__)

LOOK = 2.0
"""Seconds between two readings of the stop in the journal."""
LONGEST_PROBE = 60.0
"""Seconds that a worker has for a probe before another worker may make one."""


@dataclass(frozen=True, slots=True)
class FloodPolicy:
    """When intake stops: more than `share` of what ended within `window` seconds, and `at_least` so many, died."""

    share: float = 0.5
    at_least: int = 50
    window: float = 300.0
    probe_after: float = 900.0


class FloodCounter:
    """Counts the submissions that ended, and the dead letters among them, in a sliding window of time."""

    def __init__(self, policy: FloodPolicy, monotonic: Callable[[], float]) -> None:
        self.policy = policy
        self._monotonic = monotonic
        self._ended: deque[tuple[float, bool]] = deque()
        self._dead = 0

    def record(self, *, dead: bool) -> None:
        """Note that a submission ended, as a dead letter or not."""
        self._ended.append((self._monotonic(), dead))
        self._dead += dead
        self._forget_old()

    @property
    def flooded(self) -> str | None:
        """Say how many submissions became dead letters, where they are too many; else None."""
        self._forget_old()
        if self._dead < self.policy.at_least or self._dead <= self.policy.share * len(self._ended):
            return None
        return (
            f"{self._dead} of the last {len(self._ended)} submissions became dead letters "
            f"within {self.policy.window:g} s"
        )

    def clear(self) -> None:
        """Forget what was counted."""
        self._ended.clear()
        self._dead = 0

    def _forget_old(self) -> None:
        oldest = self._monotonic() - self.policy.window
        while self._ended and self._ended[0][0] < oldest:
            _, dead = self._ended.popleft()
            self._dead -= dead


class FloodGuard:
    """The flood guard of one system's intake in this worker.

    ``on_change`` is called when `takes` may have changed. ``can_probe`` says whether this worker can get records at
    all: one without a partition makes no probe.
    """

    def __init__(
        self,
        system: str,
        counter: FloodCounter,
        stops: Stops,
        clock: Clock,
        *,
        on_change: Callable[[], None] = lambda: None,
        can_probe: Callable[[], bool] = lambda: True,
    ) -> None:
        self._system = system
        self._counter = counter
        self._stops = stops
        self._clock = clock
        self._stop: Stop | None = None
        self._flooded: str | None = None
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._probe_wanted = False
        self._probe: asyncio.Task[object] | None = None
        self._well = False
        self._on_change = on_change
        self._can_probe = can_probe

    @property
    def stop_reason(self) -> str | None:
        """Say why intake is stopped, or None."""
        return self._stop.why if self._stop else self._flooded

    @property
    def takes(self) -> bool:
        """Whether records are wanted: always but in a stop, and then for the probe."""
        return self.stop_reason is None or self._probe_wanted

    async def wait(self, shutdown: Shutdown) -> None:
        """Wait while intake is stopped, unless this record is the probe. Raises Released in a shutdown."""
        while self.stop_reason is not None:
            if self._probe_wanted:
                self._probe_wanted, self._probe = False, asyncio.current_task()
                self._change()
                return
            await until(asyncio.ensure_future(self._flowing.wait()), shutdown)

    def record(self, *, dead: bool) -> None:
        """Note that a submission ended."""
        if self._stop is not None:
            # Records in progress at the stop still come to their end; only the probe decides about the stop.
            if self._probe is not None and self._probe is asyncio.current_task():
                self._probe, self._well = None, not dead
            return
        self._counter.record(dead=dead)
        if self._flooded is None and (why := self._counter.flooded):
            log.error("a flood of dead letters: intake stops", extra={"detail": why})
            self._flooded = why
            self._change()

    def done(self) -> None:
        """Note that the work on a record is over. Where the probe was a duplicate, the next record is the probe."""
        if self._probe is not None and self._probe is asyncio.current_task():
            self._probe, self._probe_wanted = None, self._stop is not None
            self._change()

    async def run(self) -> None:
        """Follow the stop in the journal until cancelled."""
        while True:
            try:
                await self.look()
            except Away:
                log.info("the journal is unavailable: intake stays stopped or running as it was")
            except Exception:  # a guard that ends would leave intake as it is for good
                log.exception("the flood guard failed")
            await self._clock.sleep(LOOK)

    async def look(self) -> None:
        """Write the stop that this worker found necessary, and follow the one that the journal has. Raises Away."""
        if self._flooded and self._stop is None:
            await self._stops.stop(self._system, self._flooded, self._counter.policy.probe_after)
        if self._stop and self._well:
            await self._stops.lift(self._system, self._stop)
        found = await self._stops.in_force(self._system)
        if found != self._stop or (found is None and self._flooded):
            self._follow(found)
        if self._stop and self._can_probe() and await self._takes_probe():
            log.warning("intake is stopped: one submission is tried")
            self._probe_wanted = True
            self._change()

    async def _takes_probe(self) -> bool:
        # A worker whose partitions have no record to try leaves the probe to another worker soon.
        again = min(self._counter.policy.probe_after, LONGEST_PROBE)
        return await self._stops.take_probe(self._system, again)

    def _follow(self, found: Stop | None) -> None:
        log.warning("intake stopped" if found else "intake resumes", extra={"detail": found and found.why})
        self._stop, self._flooded = found, None
        self._probe_wanted, self._probe, self._well = False, None, False
        self._counter.clear()
        self._change()

    def _change(self) -> None:
        """Wake the waiting records: to go on, or to be the probe, or to wait again."""
        self._flowing.set()
        if self.stop_reason is not None:
            self._flowing = asyncio.Event()
        self._on_change()
