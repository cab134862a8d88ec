"""Before the work on a record: nothing new is begun while a flood of dead letters has stopped intake.

The stop is in the journal, so that it holds for all workers of a system and survives their restarts, and so that
`herald intake resume` can end it.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from worker.pipeline.shutdown import until

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from worker.pipeline.flood import FloodGuard
    from worker.pipeline.ports import Clock
    from worker.pipeline.shutdown import Leaving

log = logging.getLogger(__name__)

LOOK = 2.0
"""Seconds between looks at what the journal says."""
LONGEST_PROBE = 60.0
"""Seconds that a worker has for a probe before another one may make it."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Intake of one system is stopped. ``at``, by the journal's clock, tells one stop from another."""

    at: datetime
    why: str


class Away(Exception):
    """The journal cannot be asked at present."""


class Stops(Protocol):
    """The stops in the journal. Every method raises Away in an outage."""

    async def standing(self, system: str) -> Stop | None:
        """Return the stop in force, or None."""

    async def stop(self, system: str, why: str, probe_after: float) -> None:
        """Stop intake, unless it is stopped already. ``probe_after`` is in seconds."""

    async def take_probe(self, system: str, again_after: float) -> bool:
        """Whether it is time for a probe, and nobody else makes it."""

    async def lift(self, system: str, stop: Stop) -> None:
        """End this very stop."""


class FloodGate:
    """The flood guard of one system's intake in this worker.

    ``on_change``: whether records are wanted may have changed; ``can_probe`` says whether records can come at all.
    """

    def __init__(
        self,
        system: str,
        guard: FloodGuard,
        stops: Stops,
        clock: Clock,
        *,
        on_change: Callable[[], None] = lambda: None,
        can_probe: Callable[[], bool] = lambda: True,
    ) -> None:
        self._system = system
        self._guard = guard
        self._stops = stops
        self._clock = clock
        self._stop: Stop | None = None
        self._flooded: str | None = None
        self._passing = asyncio.Event()
        self._passing.set()
        self._probe_wanted = False
        self._probe: asyncio.Task[object] | None = None
        self._well = False
        self._on_change = on_change
        self._can_probe = can_probe

    @property
    def standing(self) -> str | None:
        """Say why intake is stopped, or None."""
        return self._stop.why if self._stop else self._flooded

    @property
    def takes(self) -> bool:
        """Whether records are wanted: always but in a stop, and then for the probe."""
        return self.standing is None or self._probe_wanted

    async def passed(self, leaving: Leaving) -> None:
        """Wait while intake is stopped. Raises HandedBack where the worker leaves first."""
        while self.standing is not None:
            if self._probe_wanted:
                self._probe_wanted, self._probe = False, asyncio.current_task()
                self._change()
                return
            await until(asyncio.ensure_future(self._passing.wait()), leaving)

    def saw(self, *, dead: bool) -> None:
        """Note that a submission ended."""
        if self._stop is not None:
            # What was in work already goes on; only the probe counts.
            if self._probe is not None and self._probe is asyncio.current_task():
                self._probe, self._well = None, not dead
            return
        self._guard.saw(dead=dead)
        if self._flooded is None and (why := self._guard.flooded):
            log.error("a flood of dead letters: intake stops", extra={"detail": why})
            self._flooded = why
            self._change()

    def left(self) -> None:
        """Note that the work on a record is over; a probe of which nothing came (a duplicate) gives way to the next."""
        if self._probe is not None and self._probe is asyncio.current_task():
            self._probe, self._probe_wanted = None, self._stop is not None
            self._change()

    async def run(self) -> None:
        """Keep to what the journal says, for ever."""
        while True:
            try:
                await self.look()
            except Away:
                log.info("the journal is away: whether intake is stopped stays as it was")
            except Exception:  # a guard that ends would leave intake as it is for good
                log.exception("the flood guard failed")
            await self._clock.sleep(LOOK)

    async def look(self) -> None:
        """Write what this worker found, and read what holds for all. Raises Away."""
        if self._flooded and self._stop is None:
            await self._stops.stop(self._system, self._flooded, self._guard.policy.probe_after)
        if self._stop and self._well:
            await self._stops.lift(self._system, self._stop)
        found = await self._stops.standing(self._system)
        if found != self._stop or (found is None and self._flooded):
            self._follow(found)
        if self._stop and self._can_probe() and await self._takes_probe():
            log.warning("intake is stopped: one submission is tried")
            self._probe_wanted = True
            self._change()

    async def _takes_probe(self) -> bool:
        # A worker that finds nothing to try leaves it to the others soon.
        again = min(self._guard.policy.probe_after, LONGEST_PROBE)
        return await self._stops.take_probe(self._system, again)

    def _follow(self, found: Stop | None) -> None:
        log.warning("intake stopped" if found else "intake resumes", extra={"detail": found and found.why})
        self._stop, self._flooded = found, None
        self._probe_wanted, self._probe, self._well = False, None, False
        self._guard.clear()
        self._change()

    def _change(self) -> None:
        """Wake who waits: to pass, or to be the probe, or to wait again."""
        self._passing.set()
        if self.standing is not None:
            self._passing = asyncio.Event()
        self._on_change()
