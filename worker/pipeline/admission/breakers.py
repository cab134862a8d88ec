"""The circuit breakers before the exchanges with one system: one for the system, and one for each signer.

Failures of one signer alone open that signer's circuit. The system's own circuit opens by failures of two signers, or
when the system does not answer a probe.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from worker.pipeline.admission.breaker import CircuitBreaker, Wakeup
from worker.pipeline.admission.policy import Health, health_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from worker.outcome import NotArrived, Outcome
    from worker.pipeline.admission.policy import CircuitPolicy
    from worker.pipeline.job import Job
    from worker.pipeline.ports import Clock


class CircuitBreakers:
    """The circuit breakers of one system and of its signers.

    ``probe`` checks that the system answers at all. ``on_change`` is called when the system's circuit opened or closed.
    """

    def __init__(
        self,
        policy: CircuitPolicy,
        clock: Clock,
        probe: Callable[[], Awaitable[str | None]],
        *,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._policy = policy
        self._clock = clock
        self._probe = probe
        self._system = CircuitBreaker(
            replace(policy, signers=2),
            clock,
            probe,
            wake=self._wake_all,
            on_change=self._system_changed,
            may_try=self._may_try,
        )
        self._signers: dict[str, CircuitBreaker] = {}
        self._wakeups: dict[str, Wakeup] = {}
        self._on_change = on_change

    @property
    def open_reason(self) -> str | None:
        """Say why the system's circuit is open, or None."""
        return self._system.open_reason

    @property
    def open_signers(self) -> dict[str, str]:
        """The signers whose circuits are open, with the reason."""
        return {
            name: breaker.open_reason
            for name, breaker in sorted(self._signers.items())
            if breaker.open_reason is not None
        }

    def is_open(self, signer: str) -> bool:
        """Whether an open circuit keeps this signer's submissions back."""
        return self._system.open_reason is not None or self._of(signer).open_reason is not None

    async def acquire(self, job: Job) -> Permit:
        """Wait until this submission may go. Raises Released where a shutdown begins first."""
        permit = Permit(self, job)
        try:
            for breaker in (self._of(job.submission.signer), self._system):
                if await breaker.acquire(job):
                    permit.trials.append(breaker)
        except BaseException:
            permit.release()
            raise
        return permit

    def record(self, job: Job, health: Health, why: str, trials: list[CircuitBreaker]) -> None:
        """Take in the outcome of an exchange."""
        signer, key = job.submission.signer, job.submission.key
        own = self._of(signer)
        for breaker in (self._system, own):
            if breaker not in trials:
                breaker.record(health, key, signer, why)
            elif breaker is self._system and own in trials and health is Health.DOWN:
                # The exchange was its signer's trial too, and the signer may be the cause: the failure says nothing
                # about the system.
                breaker.settle(Health.UNKNOWN, why)
            else:
                breaker.settle(health, why)
        if self._system in trials and own not in trials and health is Health.DOWN:
            # The system answered the probe before this trial, so the signer may be the cause: its circuit opens too.
            own.open(why)

    def wakeup(self, signer: str) -> Wakeup:
        """Return the wakeup of the signer's submissions that wait for their next attempt: breakers notify it."""
        self._of(signer)
        return self._wakeups[signer]

    async def close(self) -> None:
        """End the trials."""
        for breaker in (self._system, *self._signers.values()):
            await breaker.close()

    def _of(self, signer: str) -> CircuitBreaker:
        if signer not in self._signers:
            wakeup = self._wakeups[signer] = Wakeup()
            self._signers[signer] = CircuitBreaker(self._policy, self._clock, self._blame, wake=wakeup.notify)
        return self._signers[signer]

    async def _blame(self) -> str | None:
        """Before a signer's trial: open the system's circuit if a probe shows that the system is the cause."""
        if (
            self._system.open_reason is None
            and (why := await self._probe())
            and self._system.open_reason is None
        ):
            self._system.open(why)
        return None

    def _may_try(self, job: Job) -> bool:
        """Whether a submission may make the system's trial: not where its signer's circuit is open."""
        own = self._of(job.submission.signer)
        return own.open_reason is None or own.tries(job)

    def _wake_all(self) -> None:
        for wakeup in self._wakeups.values():
            wakeup.notify()

    def _system_changed(self) -> None:
        if self._system.open_reason is not None:
            for breaker in self._signers.values():
                breaker.forget()
        self._on_change()


class Permit:
    """The right of one submission to one exchange."""

    def __init__(self, breakers: CircuitBreakers, job: Job) -> None:
        self._breakers = breakers
        self._job = job
        self.trials: list[CircuitBreaker] = []
        """The circuit breakers whose trial this exchange is."""

    @property
    def barred(self) -> bool:
        """Whether a circuit opened since, so that the submission must wait again."""
        return not self.trials and self._breakers.is_open(self._job.submission.signer)

    @property
    def needs_turn(self) -> bool:
        """Whether the exchange must keep to the rate limits: no trial does, as many wait for it, and no barred one."""
        return not self.trials and not self.barred

    def record(self, outcome: Outcome | NotArrived) -> None:
        """Tell the circuit breakers the outcome of the exchange."""
        self._breakers.record(self._job, health_of(outcome), getattr(outcome, "detail", ""), self.trials)
        self.trials = []

    def release(self) -> None:
        """Give a trial back that was not made."""
        for breaker in self.trials:
            breaker.settle(Health.UNKNOWN, "")
        self.trials = []
