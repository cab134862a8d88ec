"""Before the exchanges with one system: who waits while a circuit is open, and who makes the trial.

There is a circuit for each signer, and one for the system. Failures of one signer alone speak against that signer;
the system's own circuit takes failures of two, or a system that shows no sign of life when it is asked for one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from worker.pipeline.admission.breaker import Bell, Door
from worker.pipeline.admission.policy import Sign, sign_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from worker.outcome import NotArrived, Outcome
    from worker.pipeline.admission.policy import CircuitPolicy
    from worker.pipeline.job import Job
    from worker.pipeline.ports import Clock


class Gate:
    """The circuits of one system and of its signers. ``probe`` asks the system for a sign of life.

    ``on_change``: the system's own circuit opened or closed.
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
        self._system = Door(
            replace(policy, signers=2),
            clock,
            probe,
            wake=self._wake_all,
            on_change=self._system_changed,
            may_try=self._may_try,
        )
        self._signers: dict[str, Door] = {}
        self._bells: dict[str, Bell] = {}
        self._on_change = on_change

    @property
    def standing(self) -> str | None:
        """Say why nothing is sent to the system at present, or None."""
        return self._system.why

    @property
    def signers_standing(self) -> dict[str, str]:
        """The signers for whom nothing is sent at present, with why."""
        return {name: door.why for name, door in sorted(self._signers.items()) if door.why is not None}

    def is_open(self, signer: str) -> bool:
        """Whether a circuit keeps this signer's submissions back."""
        return self._system.why is not None or self._of(signer).why is not None

    async def passage(self, job: Job) -> Passage:
        """Wait until this submission may go. Raises HandedBack where the worker leaves first."""
        passage = Passage(self, job)
        try:
            for door in (self._of(job.submission.signer), self._system):
                if await door.passed(job):
                    passage.trials.append(door)
        except BaseException:
            passage.end()
            raise
        return passage

    def saw(self, job: Job, sign: Sign, why: str, trials: list[Door]) -> None:
        """Note what came of an exchange."""
        signer, key = job.submission.signer, job.submission.key
        own = self._of(signer)
        for door in (self._system, own):
            if door not in trials:
                door.saw(sign, key, signer, why)
            elif door is self._system and own in trials and sign is Sign.ILL:
                # Who makes its signer's trial is of an ill signer: that it fails says nothing of the system.
                door.settle(Sign.NONE, why)
            else:
                door.settle(sign, why)
        if self._system in trials and own not in trials and sign is Sign.ILL:
            # The system gave a sign of life before this trial: its signer has to show that it is not the trouble.
            own.open(why)

    def bell(self, signer: str) -> Bell:
        """Return what rings for those who rest between two attempts, when a circuit wants to know who is there."""
        self._of(signer)
        return self._bells[signer]

    async def close(self) -> None:
        """End the trials."""
        for door in (self._system, *self._signers.values()):
            await door.close()

    def _of(self, signer: str) -> Door:
        if signer not in self._signers:
            bell = self._bells[signer] = Bell()
            self._signers[signer] = Door(self._policy, self._clock, self._blame, wake=bell.ring)
        return self._signers[signer]

    async def _blame(self) -> str | None:
        """Before a signer's trial: a system without a sign of life is its own trouble, and not the signer's."""
        if self._system.why is None and (why := await self._probe()) and self._system.why is None:
            self._system.open(why)
        return None

    def _may_try(self, job: Job) -> bool:
        """Whether a submission may speak for the system: not where its signer is in trouble of its own."""
        own = self._of(job.submission.signer)
        return own.why is None or own.tries(job)

    def _wake_all(self) -> None:
        for bell in self._bells.values():
            bell.ring()

    def _system_changed(self) -> None:
        if self._system.why is not None:
            for door in self._signers.values():
                door.forget()
        self._on_change()


class Passage:
    """One submission's way through the gate, for one exchange."""

    def __init__(self, gate: Gate, job: Job) -> None:
        self._gate = gate
        self._job = job
        self.trials: list[Door] = []
        """The circuits that it tries out."""

    @property
    def barred(self) -> bool:
        """Whether a circuit opened since, so that it must wait anew."""
        return not self.trials and self._gate.is_open(self._job.submission.signer)

    @property
    def needs_turn(self) -> bool:
        """Whether it has to keep to the rate: neither a trial, which many wait for, nor who will not go at all."""
        return not self.trials and not self.barred

    def saw(self, outcome: Outcome | NotArrived) -> None:
        """Tell the circuits what came of it."""
        self._gate.saw(self._job, sign_of(outcome), getattr(outcome, "detail", ""), self.trials)
        self.trials = []

    def end(self) -> None:
        """Give the trial back, where nothing came of it."""
        for door in self.trials:
            door.settle(Sign.NONE, "")
        self.trials = []
