"""Probes a system while one of its circuits is open, and at the start until something shows that it answers."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
from typing import TYPE_CHECKING

from worker.pipeline.admission.wakeup import Wakeup
from worker.pipeline.shutdown import ends_task

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from worker.pipeline.admission.probe_record import ProbeRecord
    from worker.pipeline.ports import Clock

log = logging.getLogger(__name__)

LONGEST_PROBE = 5.0
"""Seconds after which a probe without an answer has failed: a slow answer would delay the next trial."""
AT_LEISURE = 30.0
"""Seconds between two probes while no circuit is open."""


class Prober:
    """Makes probes, ``pause`` seconds apart while a circuit is open.

    ``urgent`` says whether one is. ``on_unavailable`` is called after each probe by which the system counts as
    unavailable, ``on_recovery`` after a probe that succeeded where the one before failed.
    """

    def __init__(
        self,
        system: str,
        probe: Callable[[], Awaitable[str | None]],
        record: ProbeRecord,
        clock: Clock,
        pause: float,
        *,
        urgent: Callable[[], bool],
        on_unavailable: Callable[[str], None],
        on_recovery: Callable[[], None],
    ) -> None:
        self._system = system
        self._probe = probe
        self._record = record
        self._clock = clock
        self._pause = pause
        self._urgent = urgent
        self._on_unavailable = on_unavailable
        self._on_recovery = on_recovery
        self._task: asyncio.Task[None] | None = None
        self._sooner = Wakeup()

    def start(self) -> None:
        """Probe now, and go on while it is wanted."""
        if self._task is None or self._task.done():
            # A context of its own: what it logs is about no single submission.
            self._task = asyncio.create_task(self._run(), context=contextvars.Context())
        else:
            self._sooner.notify()

    async def close(self) -> None:
        """End the probes."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        await self._once()
        while self._wanted():
            await self._sooner.wait_or(self._clock.sleep(self._pause if self._urgent() else AT_LEISURE))
            if self._wanted():
                await self._once()

    def _wanted(self) -> bool:
        return self._urgent() or self._record.failing is not None

    async def _once(self) -> None:
        why, before = await self._ask(), self._record.failing
        if why is None:
            self._record.succeeded()
            if before is not None:
                log.warning("the probe of a system succeeds again", extra={"system": self._system})
                self._on_recovery()
            return
        self._record.failed(why)
        if before is None:
            log.warning("the probe of a system failed", extra={"system": self._system, "detail": why})
        if self._record.unavailable is not None:
            self._on_unavailable(why)

    async def _ask(self) -> str | None:
        task = asyncio.current_task()
        try:
            async with asyncio.timeout(LONGEST_PROBE):
                return await self._probe()
        except TimeoutError:
            return f"no answer within {LONGEST_PROBE:.0f} seconds"
        except BaseException as error:  # a defect of a probe must not keep a circuit open
            if ends_task(error, task):
                raise
            log.exception("a probe failed", extra={"system": self._system})
            return type(error).__name__
