"""One circuit breaker: submissions wait while its circuit is open, and one of them makes the trial."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.pipeline.admission.policy import BreakerState, Health
from worker.pipeline.shutdown import until
from worker.systems.port import Recovery

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from worker.pipeline.admission.policy import CircuitPolicy
    from worker.pipeline.job import Job
    from worker.pipeline.ports import Clock

log = logging.getLogger(__name__)

ARRIVING = 0.2
"""Seconds between waking the submissions that wait for their next attempt and choosing one for the trial: meanwhile
they come to the breaker."""

AGAIN = 1.0
"""Seconds before the next trial, where the last one said nothing about the system's health."""


@dataclass(eq=False, slots=True)
class _Waiter:
    job: Job
    let_in: asyncio.Future[bool]


class Wakeup:
    """Wakes every task that waits for it at that moment."""

    def __init__(self) -> None:
        self._notified = asyncio.Event()

    def notify(self) -> None:
        """Wake the waiting tasks."""
        self._notified.set()
        self._notified = asyncio.Event()

    async def wait(self) -> None:
        """Wait for the next call of `notify`."""
        await self._notified.wait()


class CircuitBreaker:
    """Guards the exchanges with one system, or those of one signer.

    ``probe`` is called before each trial, and says why the trial would fail, or None. ``wake`` makes submissions that
    wait for their next attempt come to the breaker. ``on_change`` is called when the circuit opened or closed.
    ``may_try`` says which submissions may make the trial.
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
        self._state = BreakerState(policy, clock.monotonic)
        self._clock = clock
        self._probe = probe
        self._wake = wake
        self._on_change = on_change
        self._may_try = may_try
        self._trial: Job | None = None
        self._waiters: list[_Waiter] = []
        self._verdict: asyncio.Future[tuple[Health, str]] | None = None
        self._tending: asyncio.Task[None] | None = None

    @property
    def open_reason(self) -> str | None:
        """Why the circuit is open, or None."""
        return self._state.open_reason

    async def acquire(self, job: Job) -> bool:
        """Wait until the submission may go; True where it makes the trial. Raises Released."""
        if not self._state.is_open:
            return False
        waiter = _Waiter(job, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        try:
            return await until(waiter.let_in, job.shutdown)
        except BaseException:
            if waiter.let_in.done() and not waiter.let_in.cancelled() and waiter.let_in.result():
                self.settle(
                    Health.UNKNOWN, ""
                )  # the waiter was given the trial, but shuts down instead of making it
            raise
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)

    def record(self, health: Health, key: bytes, signer: str, why: str) -> None:
        """Take in the outcome of an exchange that was no trial."""
        if not self._state.is_open:
            self._state.record(health, key, signer, why)
            if self._state.is_open:
                self._opened()

    def open(self, why: str) -> None:
        """Open the circuit for a reason found otherwise than by an exchange of its own."""
        self._state.open(why)
        self._opened()

    def settle(self, health: Health, why: str) -> None:
        """Take in the outcome of the trial; UNKNOWN where it said nothing about the system."""
        if self._verdict is not None and not self._verdict.done():
            self._verdict.set_result((health, why))

    def tries(self, job: Job) -> bool:
        """Whether this submission makes the trial at present."""
        return self._trial is job

    def forget(self) -> None:
        """Forget failures that another circuit has opened for."""
        self._state.forget()

    async def close(self) -> None:
        """End the trials."""
        if self._tending is not None:
            self._tending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._tending

    def _opened(self) -> None:
        log.warning("circuit opened: nothing is sent for now", extra={"detail": self.open_reason})
        if self._tending is None or self._tending.done():
            self._tending = asyncio.create_task(self._tend())
        self._on_change()

    async def _tend(self) -> None:
        """Make trials until one succeeds."""
        while self._state.is_open:
            await self._clock.sleep(max(self._state.trial_at - self._clock.monotonic(), 0.0))
            try:
                why = await self._probe()
            except Exception as error:  # a defect of a probe must not leave a circuit open for ever
                log.exception("a probe failed")
                why = type(error).__name__
            if why is not None:
                self._state.open(why)
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
            self._state.close(on_probation=True)
            return
        self._verdict = asyncio.get_running_loop().create_future()
        self._trial = chosen.job
        chosen.let_in.set_result(True)
        health, why = await self._verdict
        self._trial = None
        if health is Health.UP:
            self._state.close()
        elif health is Health.DOWN:
            self._state.open(why)
        else:
            await self._clock.sleep(AGAIN)

    def _chosen(self) -> _Waiter | None:
        """Choose the submission with the fewest tries: one that causes the failures itself must not decide for others.

        A submission that must never be sent twice makes the trial only where no other kind waits, because a lost
        answer would leave it held: one of them is risked rather than all.
        """
        fit = [one for one in self._waiters if not one.let_in.done() and self._may_try(one.job)]
        return min(
            fit,
            key=lambda one: (one.job.recovery is Recovery.HOLD, one.job.schedule.tries),
            default=None,
        )
