"""How long submissions stand still around an outage: patients of several signers, a system and its probe by a clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from contracts.reasons import Reason
from tests.support.fakes.one_delivery import ACCEPTED, HOLD, SAME, SUBMISSION
from tests.support.fakes.ports import FakeClock, settle
from worker.outcome import Retry
from worker.pipeline.admission.breakers import CircuitBreakers
from worker.pipeline.admission.policy import CircuitPolicy
from worker.pipeline.job import Job
from worker.pipeline.ports import Schedule, Ticket
from worker.pipeline.shutdown import Shutdown
from worker.systems.port import Operation, Recovery

BEGIN = 20.0
STEP = 0.1
DOWN = Retry(Reason.CONNECTION_REFUSED, "nobody listens")
Probe = Callable[[float, float], str | None]
"""What a probe finds at a time, where the outage ends at another."""


PROBES: dict[str, Probe] = {
    "none": lambda _, __: None,
    "true": lambda at, end: "nobody listens" if BEGIN <= at < end else None,
    "always 503": lambda _, __: "503",
    "503 since the outage": lambda at, _: "503" if at >= BEGIN else None,
}


class Hospitals:
    """Patients whose submissions follow each other, each tried again as the worker does it."""

    def __init__(self, probe: Probe, recovery: Recovery, *, length: float = 10.0) -> None:
        self.end = BEGIN + length
        self.clock = FakeClock()
        self.recovery = recovery
        self.succeeded: dict[str, float] = {}
        self.exchanges: list[float] = []
        self.random = Random(7)

        async def ask() -> str | None:
            return probe(self.clock.monotonic(), self.end)

        self.breakers = CircuitBreakers("nhis", CircuitPolicy(), self.clock, ask)
        self.breakers.start()

    async def patient(self, name: str, signer: str) -> None:
        submission = replace(SUBMISSION, id=name, key=name.encode(), signer=signer)
        operation = Operation(SUBMISSION.system, SUBMISSION.operation, self.recovery)
        ticket, tries = Ticket(submission.source, submission.id, 1), 0
        while True:
            job = Job(
                submission, operation, self.recovery, ticket, "identity", 1, Shutdown(), Schedule(tries=tries)
            )
            permit = await self.breakers.acquire(job)
            now = self.clock.monotonic()
            if BEGIN <= now < self.end:
                self.exchanges.append(now)
                permit.record(DOWN)
                tries += 1
                wait = min(2.0**tries, 300.0) * (1 + self.random.random() / 2)
                await self.breakers.wakeup(signer).wait_or(self.clock.sleep(wait))
            else:
                permit.record(ACCEPTED)
                self.succeeded[name], tries = now, 0
                await self.clock.sleep(1.0 + self.random.random())

    async def live(self, signers: int, each: int, seconds: float) -> None:
        tasks = [
            asyncio.create_task(self.patient(f"{signer}-{number}", f"dr-{signer}"))
            for signer in range(signers)
            for number in range(each)
        ]
        for _ in range(round(seconds / STEP)):
            await self.clock.advance(STEP)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.breakers.close()
        await settle()

    def all_go_on(self, patients: int) -> None:
        """Check that each patient's submissions went on after the outage, and that no circuit is open."""
        went_on = [at for at in self.succeeded.values() if at >= self.end]
        assert len(went_on) == patients
        assert self.breakers.open_reason is None
        assert self.breakers.open_signers == {}


@pytest.mark.parametrize("probe", PROBES)
@pytest.mark.parametrize(("signers", "each"), [(1, 30), (2, 20), (8, 5)])
async def test_after_ten_seconds_all_patients_go_on_within_fifteen(
    probe: str, signers: int, each: int
) -> None:
    hospitals = Hospitals(PROBES[probe], SAME)
    await hospitals.live(signers, each, BEGIN + 15)
    hospitals.all_go_on(signers * each)


@pytest.mark.parametrize(
    ("probe", "within"), [("none", 32), ("true", 4), ("always 503", 32), ("503 since the outage", 32)]
)
@pytest.mark.parametrize(("signers", "each"), [(1, 30), (8, 5)])
async def test_after_a_long_outage_all_go_on_within_the_longest_pause(
    probe: str, within: float, signers: int, each: int
) -> None:
    hospitals = Hospitals(PROBES[probe], SAME, length=150.0)
    await hospitals.live(signers, each, BEGIN + 150 + within)
    hospitals.all_go_on(signers * each)
    late = [at for at in hospitals.exchanges if at > BEGIN + 75]
    assert len(late) <= 80, "at most one trial a second, of forty patients who wait"


async def test_what_must_never_be_sent_twice_goes_on_too_and_few_are_risked() -> None:
    hospitals = Hospitals(PROBES["true"], HOLD)
    await hospitals.live(1, 30, BEGIN + 15)
    hospitals.all_go_on(30)
    assert len([at for at in hospitals.exchanges if at > BEGIN + 6]) == 0
