"""One circuit at work: submissions wait before it while it is open, and one of them makes the trial."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.pipeline.admission.policy import Circuit, Sign
from worker.pipeline.shutdown import until
from worker.systems.port import Recovery

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from worker.pipeline.admission.policy import CircuitPolicy
    from worker.pipeline.job import Job
    from worker.pipeline.ports import Clock

log = logging.getLogger(__name__)

ARRIVING = 0.2
"""Seconds that those who rest between two attempts have to come to the door, before one is chosen for the trial."""

AGAIN = 1.0
"""Seconds before the next trial, where the last one showed nothing."""


@dataclass(eq=False, slots=True)
class _Waiter:
    job: Job
    let_in: asyncio.Future[bool]


class Bell:
    """Rings for everyone who waits for it at that moment."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake them."""
        self._rung.set()
        self._rung = asyncio.Event()

    async def rings(self) -> None:
        """Wait for it."""
        await self._rung.wait()


class Door:
    """``probe`` is asked before each trial, and says why there is no point in one.

    ``wake`` brings those to the door who rest between two attempts; ``on_change``: it opened or closed;
    ``may_try`` says who may make the trial.
    """

    def __init__(
        self,
        policy: CircuitPolicy,
        clock: Clock,
        probe: Callable[[], Awaitable[str | None]],
        *,
        wake: Callable[[], None],
        on_change: Callable[[], None] = lambda: None,
        may_try: Callable[[Job], bool] = lambda _: True,
    ) -> None:
        self._circuit = Circuit(policy, clock.monotonic)
        self._clock = clock
        self._probe = probe
        self._wake = wake
        self._on_change = on_change
        self._may_try = may_try
        self._trial: Job | None = None
        self._waiters: list[_Waiter] = []
        self._verdict: asyncio.Future[tuple[Sign, str]] | None = None
        self._tending: asyncio.Task[None] | None = None

    @property
    def why(self) -> str | None:
        """Why the circuit is open, or None."""
        return self._circuit.why

    async def passed(self, job: Job) -> bool:
        """Wait until the submission may go; True where it goes for the trial. Raises HandedBack."""
        if not self._circuit.is_open:
            return False
        waiter = _Waiter(job, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        try:
            return await until(waiter.let_in, job.leaving)
        except BaseException:
            if waiter.let_in.done() and not waiter.let_in.cancelled() and waiter.let_in.result():
                self.settle(Sign.NONE, "")  # it was chosen in the very moment in which it left
            raise
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)

    def saw(self, sign: Sign, key: bytes, signer: str, why: str) -> None:
        """Note what came of an exchange that was no trial."""
        if not self._circuit.is_open:
            self._circuit.saw(sign, key, signer, why)
            if self._circuit.is_open:
                self._opened()

    def open(self, why: str) -> None:
        """Open it for a reason that no exchange showed."""
        self._circuit.open(why)
        self._opened()

    def settle(self, sign: Sign, why: str) -> None:
        """Say what came of the trial; NONE where nothing did."""
        if self._verdict is not None and not self._verdict.done():
            self._verdict.set_result((sign, why))

    def tries(self, job: Job) -> bool:
        """Whether this submission makes the trial at present."""
        return self._trial is job

    def forget(self) -> None:
        """Forget failures that another circuit has opened for."""
        self._circuit.forget()

    async def close(self) -> None:
        """End the trials."""
        if self._tending is not None:
            self._tending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._tending

    def _opened(self) -> None:
        log.warning("circuit opened: nothing is sent for now", extra={"detail": self.why})
        if self._tending is None or self._tending.done():
            self._tending = asyncio.create_task(self._tend())
        self._on_change()

    async def _tend(self) -> None:
        """Make trials until one goes well."""
        while self._circuit.is_open:
            await self._clock.sleep(max(self._circuit.trial_at - self._clock.monotonic(), 0.0))
            try:
                why = await self._probe()
            except Exception as error:  # a defect of a probe must not leave a circuit open for ever
                log.exception("a probe failed")
                why = type(error).__name__
            if why is not None:
                self._circuit.open(why)
                continue
            await self._try_one()
        log.warning("circuit closed")
        for waiter in self._waiters:
            if not waiter.let_in.done():
                waiter.let_in.set_result(False)
        self._wake()
        self._on_change()

    async def _try_one(self) -> None:
        self._wake()
        await self._clock.sleep(ARRIVING)
        chosen = self._chosen()
        if chosen is None:
            self._circuit.close(on_probation=True)
            return
        self._verdict = asyncio.get_running_loop().create_future()
        self._trial = chosen.job
        chosen.let_in.set_result(True)
        sign, why = await self._verdict
        self._trial = None
        if sign is Sign.WELL:
            self._circuit.close()
        elif sign is Sign.ILL:
            self._circuit.open(why)
        else:
            await self._clock.sleep(AGAIN)

    def _chosen(self) -> _Waiter | None:
        """Choose who was tried least: a submission that is itself the trouble must not speak for all the others.

        What may never be sent again is risked only where nothing else waits: one, rather than all of them.
        """
        fit = [one for one in self._waiters if not one.let_in.done() and self._may_try(one.job)]
        return min(
            fit,
            key=lambda one: (one.job.recovery is Recovery.HOLD, one.job.schedule.tries),
            default=None,
        )
