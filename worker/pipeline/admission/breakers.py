"""The circuit breakers before the exchanges with one system: one for the system, and one for each signer.

What an exchange says of either circuit depends on whether it was a trial:

| exchange | fails: system's | fails: signer's | succeeds: system's circuit | succeeds: signer's circuit |
|---|---|---|---|---|
| no trial | counts (two signers' open it) | counts | forgets failures; trial is due | forgets failures; trial is due |
| signer's trial | says nothing | stays open | forgets failures; trial is due | closes |
| system's trial | stays open | opens | closes | forgets failures |
| both | says nothing; next trial soon | stays open | closes | closes |

A signer whose circuit was closed on probation is treated as one that makes its trial.

The probe decides nothing by itself. Where it fails several times in a row while a signer's circuit is open, and no
exchange succeeds meanwhile, the system's circuit opens; the next success closes it. Where it recovers, the next trial
is due. When the system's circuit closes by a success, so is the next trial of each signer whose circuit is open.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from worker.pipeline.admission.breaker import CircuitBreaker
from worker.pipeline.admission.policy import Health, health_of, health_of_unsent
from worker.pipeline.admission.probe_record import ProbeRecord
from worker.pipeline.admission.prober import Prober
from worker.pipeline.admission.scope import Scope
from worker.pipeline.admission.wakeup import Wakeup

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from worker.outcome import NotArrived, Outcome
    from worker.pipeline.admission.policy import CircuitPolicy
    from worker.pipeline.job import Job
    from worker.pipeline.ports import Clock


class CircuitBreakers:
    """The circuit breakers of one system and of its signers.

    ``probe`` says why the system does not answer, or None. ``on_change`` is called when the system's circuit opened or
    closed.
    """

    def __init__(
        self,
        system: str,
        policy: CircuitPolicy,
        clock: Clock,
        probe: Callable[[], Awaitable[str | None]],
        *,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._name = system
        self._policy = policy
        self._clock = clock
        self._probes = ProbeRecord(policy.probe_failures)
        self._signers: dict[str, CircuitBreaker] = {}
        self._wakeups: dict[str, Wakeup] = {}
        self._shared: dict[str, bytes] = {}
        """By signer, the last request that was reported as failed."""
        self._on_change = on_change
        self._system = CircuitBreaker(
            Scope(system),
            replace(policy, signers=2),
            clock,
            wake=self._wake_all,
            on_change=self._system_changed,
            unavailable=self._is_unavailable,
            may_try=self._may_try,
        )
        self._prober = Prober(
            system,
            probe,
            self._probes,
            clock,
            policy.probe_pause,
            urgent=self._any_open,
            on_unavailable=self._system.open_by_probe,
            on_recovery=self._hasten,
        )

    def start(self) -> None:
        """Probe the system for the first time; nothing waits for the answer."""
        self._prober.start()

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

    @property
    def probe_failing(self) -> str | None:
        """Say why the last probe failed; None where it succeeded, or exchanges have succeeded since."""
        return self._probes.failing

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

    def record(
        self, job: Job, health: Health, why: str, trials: list[CircuitBreaker], shared: bytes | None = None
    ) -> None:
        """Take in the outcome of an exchange.

        ``shared`` names the signer's request that failed, where several submissions waited for the same one: only the
        first of them to say so counts.
        """
        own = self._of(job.submission.signer)
        if health is Health.UP:
            self._probes.contradicted()
        # A failure of a signer who has to show first that it is not the trouble itself says nothing about the system.
        suspect = health is Health.DOWN and (own in trials or own.on_probation)
        counts = shared is None or self._shared.get(job.submission.signer) != shared
        if shared is not None:
            self._shared[job.submission.signer] = shared
        for breaker in (self._system, own):
            if breaker in trials:
                says_nothing = breaker is self._system and suspect
                breaker.settle(job, Health.UNKNOWN if says_nothing else health, why)
            elif counts and (breaker is own or not suspect):
                breaker.record(health, job.submission.key, job.submission.signer, why)
        if self._system in trials and own not in trials and health is Health.DOWN:
            # The signer may be the cause: its circuit opens too, so that the next trial is another signer's.
            own.open(why)

    def wakeup(self, signer: str) -> Wakeup:
        """Return the wakeup of the signer's submissions that wait for their next attempt: breakers notify it."""
        self._of(signer)
        return self._wakeups[signer]

    async def close(self) -> None:
        """End the trials."""
        await self._prober.close()
        for breaker in (self._system, *self._signers.values()):
            await breaker.close()

    def _of(self, signer: str) -> CircuitBreaker:
        if signer not in self._signers:
            wakeup = self._wakeups[signer] = Wakeup()
            self._signers[signer] = CircuitBreaker(
                Scope(self._name, signer),
                self._policy,
                self._clock,
                wake=wakeup.notify,
                on_change=self._probe_if_open,
                unavailable=self._is_unavailable,
            )
        return self._signers[signer]

    def _is_unavailable(self) -> bool:
        return self._probes.unavailable is not None

    def _any_open(self) -> bool:
        return self.open_reason is not None or bool(self.open_signers)

    def _probe_if_open(self) -> None:
        if self._any_open():
            self._prober.start()

    def _hasten(self) -> None:
        for breaker in (self._system, *self._signers.values()):
            breaker.hasten()

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
        elif not self._system.on_probation:
            self._hasten()
        self._probe_if_open()
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

    def record_unsent(self, outcome: Outcome, shared: bytes | None) -> None:
        """Tell them why no message was made; ``shared`` is as for `CircuitBreakers.record`."""
        health = health_of_unsent(outcome)
        self._breakers.record(self._job, health, getattr(outcome, "detail", ""), self.trials, shared)
        self.trials = []

    def release(self) -> None:
        """Give a trial back that was not made."""
        for breaker in self.trials:
            breaker.settle(self._job, Health.UNKNOWN, "")
        self.trials = []
