"""One circuit breaker: submissions wait while its circuit is open, and one of them makes the trial."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.pipeline.admission.policy import BreakerState, Health
from worker.pipeline.admission.wakeup import Wakeup
from worker.pipeline.shutdown import until
from worker.systems.port import Recovery

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.pipeline.admission.policy import CircuitPolicy
    from worker.pipeline.admission.scope import Scope
    from worker.pipeline.job import Job
    from worker.pipeline.ports import Clock

ARRIVING = 0.2
"""Seconds between waking the submissions that wait for their next attempt and choosing one for the trial: meanwhile
they come to the breaker."""
AGAIN = 1.0
"""Seconds before the next trial, where the last one said nothing about the system's health."""
PATIENCE = 5.0
"""Seconds that a trial may take before another one is made beside it; twice as long with each that is unanswered. A
trial whose answer is long in coming would otherwise keep a circuit open."""
LONGEST_SPARED = 120.0
"""Seconds during which a probe that fails keeps a submission which must never be sent twice from making the trial."""


@dataclass(eq=False, slots=True)
class _Waiter:
    job: Job
    let_in: asyncio.Future[bool]


class CircuitBreaker:
    """Guards the exchanges with one system, or those of one signer.

    ``wake`` makes submissions that wait for their next attempt come to the breaker. ``on_change`` is called when the
    circuit opened or closed. ``may_try`` says which submissions may make the trial. ``unavailable`` says whether the
    system counts as unavailable by its probe: a trial is then likely to fail.
    """

    def __init__(
        self,
        scope: Scope,
        policy: CircuitPolicy,
        clock: Clock,
        *,
        wake: Callable[[], None],
        on_change: Callable[[], None],
        unavailable: Callable[[], bool],
        may_try: Callable[[Job], bool] = lambda _: True,
    ) -> None:
        self._scope = scope
        self._state = BreakerState(policy, clock.monotonic)
        self._clock = clock
        self._wake = wake
        self._on_change = on_change
        self._unavailable = unavailable
        self._may_try = may_try
        self._trials: dict[int, float] = {}
        """The submissions that make a trial at present, by their jobs' `id`, and since when."""
        self._tried_at = 0.0
        self._by_probe = False
        self._waiters: list[_Waiter] = []
        self._news = Wakeup()
        self._tending: asyncio.Task[None] | None = None

    @property
    def open_reason(self) -> str | None:
        """Why the circuit is open, or None."""
        return self._state.open_reason

    @property
    def on_probation(self) -> bool:
        """Whether the circuit was closed without a trial."""
        return self._state.on_probation

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
                # The waiter was given the trial, but shuts down instead of making it.
                self.settle(job, Health.UNKNOWN, "")
            raise
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)

    def record(self, health: Health, key: bytes, signer: str, why: str) -> None:
        """Take in the outcome of an exchange that was no trial."""
        was_open = self._state.is_open
        self._state.record(health, key, signer, why)
        if not was_open and self._state.is_open:
            self._opened()
        elif was_open and health is Health.UP:
            if self._by_probe:  # an exchange that succeeds overrules a probe
                self._state.close()
            self._news.notify()

    def open(self, why: str) -> None:
        """Open the circuit for a reason found otherwise than by an exchange of its own."""
        if not self._state.is_open:
            self._state.open(why)
            self._opened()

    def open_by_probe(self, why: str) -> None:
        """Open the circuit because probes fail, unless it is on probation: then an exchange decides."""
        if not self._state.is_open and not self._state.on_probation:
            self.open(why)
            self._by_probe = True

    def hasten(self) -> None:
        """Let the next trial be made soon: something suggests that it will succeed."""
        if self._state.is_open and not self._trials:
            self._state.hasten()
            self._news.notify()

    def settle(self, job: Job, health: Health, why: str) -> None:
        """Take in the outcome of a trial; UNKNOWN where it said nothing about the system."""
        began = self._trials.pop(id(job), None)
        if began is None or not self._state.is_open:
            return
        if health is Health.UP:
            self._state.close()
        elif health is Health.UNKNOWN:
            self._state.put_off(AGAIN)
        elif began >= self._state.opened_at:  # else a later trial has failed since
            self._by_probe = False
            self._state.open(why)
            pause = self._state.trial_at - self._clock.monotonic()
            self._scope.log(
                logging.WARNING, "circuit stays open: the trial failed", detail=why, seconds=round(pause, 1)
            )
        self._news.notify()

    def tries(self, job: Job) -> bool:
        """Whether this submission makes a trial at present."""
        return id(job) in self._trials

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
        self._by_probe = False
        self._tried_at = self._clock.monotonic()
        self._scope.log(logging.WARNING, "circuit opened: requests are paused", detail=self.open_reason)
        if self._tending is None or self._tending.done():
            # A context of its own: what it logs is about no single submission.
            self._tending = asyncio.create_task(self._tend(), context=contextvars.Context())
        self._on_change()

    async def _tend(self) -> None:
        """Let trials be made until one succeeds."""
        while self._state.is_open:
            wait = self._state.trial_at - self._clock.monotonic() - ARRIVING
            if wait > 0:
                await self._news.wait_or(self._clock.sleep(wait))
                continue
            self._wake()
            await self._clock.sleep(ARRIVING)
            if self._state.is_open and self._state.trial_at - self._clock.monotonic() < ARRIVING / 2:
                self._try_one()
        told = "circuit closed on probation" if self._state.on_probation else "circuit closed"
        self._scope.log(logging.WARNING, told)
        for waiter in self._waiters:
            if not waiter.let_in.done():
                waiter.let_in.set_result(False)
        self._wake()
        self._on_change()

    def _try_one(self) -> None:
        chosen, holds = self._chosen(), False
        if chosen is not None:
            holds = chosen.job.recovery is Recovery.HOLD
        if self._trials and (chosen is None or holds):
            self._state.put_off(PATIENCE)
        elif chosen is None:
            self._state.close(on_probation=True)
        elif holds and self._unavailable() and self._clock.monotonic() - self._tried_at < LONGEST_SPARED:
            self._state.open(self._state.open_reason or "")
        else:
            self._let_try(chosen)

    def _let_try(self, chosen: _Waiter) -> None:
        whose = "system" if self._scope.signer is None else "signer"
        told = f"circuit open: a trial is made for the {whose}"
        self._scope.log(logging.INFO, told, signer=chosen.job.submission.signer)
        self._tried_at = self._trials[id(chosen.job)] = self._clock.monotonic()
        self._state.put_off(PATIENCE * 2 ** (len(self._trials) - 1))
        chosen.let_in.set_result(True)

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
