"""Circuit breakers whose time a test moves."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from contracts.reasons import Reason
from tests.support.fakes.one_delivery import SAME, SUBMISSION
from tests.support.fakes.ports import FakeClock, ScriptedSystem, settle
from worker.outcome import Outcome, Retry
from worker.pipeline.admission.breakers import CircuitBreakers, Permit
from worker.pipeline.admission.policy import CircuitPolicy
from worker.pipeline.job import Job
from worker.pipeline.ports import Schedule, Ticket
from worker.pipeline.shutdown import Shutdown
from worker.systems.port import Operation, Recovery

FAILURES, PAUSE = 2, 5.0
DOWN = Retry(Reason.UNAVAILABLE, "503")
NO_TOKEN = Retry(Reason.TOKEN_UNAVAILABLE, "no token")
TOO_MANY = Retry(Reason.TOO_MANY_REQUESTS, "429")


@dataclass
class Bench:
    """Circuit breakers whose time a test moves."""

    clock: FakeClock = field(default_factory=FakeClock)
    system: ScriptedSystem = field(default_factory=ScriptedSystem)
    changes: list[str | None] = field(default_factory=list)
    shutdown: Shutdown = field(default_factory=Shutdown)

    def __post_init__(self) -> None:
        policy = CircuitPolicy(
            failures=FAILURES, pause=PAUSE, longest_pause=20.0, probe_pause=1.0, probe_failures=3
        )
        self.breakers = CircuitBreakers(
            "nhis",
            policy,
            self.clock,
            self.system.probe,
            on_change=lambda: self.changes.append(self.breakers.open_reason),
        )

    def job(self, key: str, signer: str = "a", *, tries: int = 0, recovery: Recovery = SAME) -> Job:
        submission = replace(SUBMISSION, id=key, key=key.encode(), signer=signer)
        return Job(
            submission,
            Operation(SUBMISSION.system, SUBMISSION.operation, recovery),
            recovery,
            Ticket(submission.source, submission.id, 1),
            "identity",
            1,
            self.shutdown,
            Schedule(tries=tries),
        )

    async def exchange(self, key: str, outcome: Outcome, signer: str = "a") -> None:
        """Let one submission pass, which it must be able to at once."""
        async with asyncio.timeout(1):
            permit = await self.breakers.acquire(self.job(key, signer))
        permit.record(outcome)

    async def open(self, *signers: str) -> None:
        """Open circuits by failures of these signers."""
        for number, signer in enumerate(signers):
            await self.exchange(f"failing-{number}", DOWN, signer)
        await settle()

    async def probed(self) -> None:
        """Let a first probe succeed, so that later ones are believed; then let them fail."""
        self.breakers.start()
        await settle()
        self.system.down_reason = "nobody listens"

    def waits(self, *given: object, **more: object) -> asyncio.Task[Permit]:
        return asyncio.create_task(self.breakers.acquire(self.job(*given, **more)))  # type: ignore[arg-type]

    async def trial(self, pause: float = PAUSE) -> None:
        """Let time pass until a trial was chosen."""
        for seconds in (pause, 0.2):
            await settle()
            await self.clock.advance(seconds)


async def keep_failing(bench: Bench, key: str, signer: str) -> None:
    """Fail whenever it may go, for ever."""
    while True:
        (await bench.breakers.acquire(bench.job(key, signer))).record(DOWN)
        await bench.clock.sleep(1.0)
