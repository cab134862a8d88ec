"""Looks at the places of one system that the journal says are due, some at a time, in every worker."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from worker.cancelling import cancel
from worker.pipeline.contained import defect_of
from worker.pipeline.ports import JournalOutage
from worker.pipeline.shutdown import ends_task

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from worker.inbound.looking.one_look import OneLook
    from worker.inbound.looking.ports import Look, Watches
    from worker.inbound.looking.record import LookRecord
    from worker.inbound.looking.settings import LookingSettings
    from worker.pipeline.ports import Clock
    from worker.systems.news import Watch

log = logging.getLogger(__name__)

MARGIN = 30.0
"""Seconds that a place stays this worker's after the longest look, for what the look has to write."""
WHILE_OPEN = 30.0
"""Seconds until a place is taken again whose signer's circuit is open."""
STANDING = 15.0
"""Seconds between two questions how looking goes."""
GIVE_BACK = 2.0
"""Seconds that a stopped look has to give its place back."""


class Looker:
    """`run` must be running in a task for anything to be looked at; `stop` ends what was begun."""

    def __init__(
        self,
        system: str,
        watches: Sequence[Watch],
        journal: Watches,
        one: OneLook,
        settings: LookingSettings,
        *,
        clock: Clock,
        is_open: Callable[[str], bool],
        record: LookRecord,
        drain_seconds: float = 20.0,
    ) -> None:
        """``is_open`` tells of a signer whether its circuit, or that of all, is open."""
        self._system = system
        self._watches = {one.name: one for one in watches}
        self._journal = journal
        self._clock = clock
        self._one = one
        self._settings = settings
        self._is_open = is_open
        self._drain_seconds = drain_seconds
        self.record = record
        self._declared = self._draining = False
        self._asked = float("-inf")
        self._wake = asyncio.Event()
        self._tasks: dict[str, asyncio.Task[bool]] = {}

    async def run(self) -> None:
        """Look for what is due until cancelled."""
        while True:
            self._wake.clear()
            try:
                await self.look()
            except JournalOutage:
                log.debug("looking waits: the journal is unavailable")
                self.record.standing = None
            except Exception as error:  # noqa: BLE001 - a task that ended would never look again
                defect_of("looking", error)
            nap = asyncio.ensure_future(self._clock.sleep(self._settings.pass_seconds))
            woken = asyncio.ensure_future(self._wake.wait())
            try:
                await asyncio.wait([nap, woken], return_when=asyncio.FIRST_COMPLETED)
            finally:
                nap.cancel()
                woken.cancel()

    async def look(self) -> None:
        """Begin with what is due. Raises JournalOutage."""
        if not self._declared:
            await self._journal.declare(self._system, tuple(self._watches))
            self._declared = True
        free = self._settings.in_flight - len(self._tasks)
        idle = [name for name in self._watches if name not in self._tasks]
        if free > 0 and idle and not self._draining:
            lease = self._settings.look_seconds + MARGIN
            for look in await self._journal.take(self._system, idle, free, lease):
                self._begin(look)
        await self._ask_how_it_goes()

    async def stop(self) -> None:
        """Let looks in flight end within the drain time, and give back the others. `run` must have ended."""
        self._draining = True
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks.values(), timeout=self._drain_seconds)
        await cancel(late)

    async def _ask_how_it_goes(self) -> None:
        now = self._clock.monotonic()
        if now - self._asked >= STANDING or self.record.standing is None:
            self.record.standing = await self._journal.standing(self._system, tuple(self._watches))
            self._asked = now

    def _begin(self, look: Look) -> None:
        task = asyncio.create_task(self._contained(look), name=f"look {self._system}")
        self._tasks[look.watch] = task
        task.add_done_callback(lambda task: self._done(look.watch, task))

    def _done(self, watch: str, task: asyncio.Task[bool]) -> None:
        del self._tasks[watch]
        if not task.cancelled() and task.exception() is None and task.result():
            self._wake.set()  # the next look follows at once, by whichever worker takes it first

    async def _contained(self, look: Look) -> bool:
        """Look, and return whether the place has more to show."""
        task = asyncio.current_task()
        try:
            return await self._looked(look)
        except JournalOutage:
            # The claim runs out; then any worker looks again, and finds the same.
            log.info(
                "a look could not be written: the journal is unavailable", extra={"system": self._system}
            )
        except asyncio.CancelledError:
            await self._give_back(look)
            raise
        except BaseException as error:
            if ends_task(error, task):
                raise
            defect_of("look", error)
        return False

    async def _looked(self, look: Look) -> bool:
        watch = self._watches[look.watch]
        if self._is_open(watch.signer):
            await self._journal.put_off(look, WHILE_OPEN)
            return False
        return await self._one.at(watch, look)

    async def _give_back(self, look: Look) -> None:
        with suppress(JournalOutage, TimeoutError):
            async with asyncio.timeout(GIVE_BACK):
                await self._journal.put_off(look, 0.0)
