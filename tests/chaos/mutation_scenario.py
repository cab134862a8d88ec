"""A scenario that leads, in turn and without chance, to the error that each of the mutations makes.

An engine that keeps its promises comes through all of it; a broken one is found by the audit.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.chaos.audit_ledger import AT_ONCE
from tests.chaos.collect import collect
from tests.chaos.crash_points import CrashPoint
from tests.chaos.evidence import Evidence
from tests.chaos.offsets import all_committed
from tests.chaos.plan import Step
from tests.chaos.producer import Producer
from tests.chaos.readers import Watch
from tests.chaos.workers import WorkerProcess, Workers
from tests.support.worker.hospital import REACTION, Patient
from tests.support.worker.installation import Installation
from tests.support.worker.kafka import rewind

LEASE_SECONDS = 2
SETTINGS = {
    "intake": {"commit_interval": 0.05, "session_timeout": LEASE_SECONDS, "drain_seconds": 1},
    "journal": {"lease_seconds": LEASE_SECONDS},
    "retry": {"initial": 0.2, "maximum": 1, "give_up_after": 600},
}
MANY = 20
DELAY = 2.0
"""Seconds that the sandbox waits before it processes a request: longer than anything else here takes."""
PATIENCE = 40.0
QUIET_SECONDS = 4.0
LOOK_SECONDS = 0.1
AWAKE_SECONDS = 3.0
"""Time in which a worker that was frozen finishes what it was about to do."""


@dataclass(frozen=True, slots=True)
class _Scenario:
    installation: Installation
    workers: Workers
    producer: Producer
    watch: Watch
    patients: Sequence[Patient]
    rewinds: list[float] = field(default_factory=list)

    async def publish(self, *steps: Step) -> None:
        """Publish, in order."""
        await self.producer.publish([list(steps)])

    async def answered(self, *names: str) -> None:
        """Wait for answers, but not for ever: a broken engine may have lost some."""
        start = time.monotonic()
        while True:
            quiet = time.monotonic() - max(start, self.watch.news)
            over = time.monotonic() - start > PATIENCE
            if set(names) <= self.watch.kinds.keys() or over:
                return
            if quiet > QUIET_SECONDS and await all_committed(self.installation):
                return
            await asyncio.sleep(LOOK_SECONDS)

    async def asked(self, more_than: int = -1) -> int:
        """Wait until NHIS has got more messages than this, and return their number. Raises TimeoutError."""
        async with asyncio.timeout(PATIENCE):
            while True:
                asked = await asyncio.to_thread(self._messages)
                if asked > more_than:
                    return asked
                await asyncio.sleep(LOOK_SECONDS)

    def _messages(self) -> int:
        return sum(1 for one in self.installation.nhis.requests() if one["messageType"])

    async def worker(self, **point: CrashPoint) -> WorkerProcess:
        """Start a worker, and wait until it takes records."""
        process = await self.workers.start(**point)
        await process.ready()
        return process

    async def stop_workers(self) -> None:
        """Stop all workers in good order."""
        await self.workers.stop()


@asynccontextmanager
async def _scenario(installation: Installation, mutation: str | None) -> AsyncIterator[_Scenario]:
    patients = tuple(installation.patient() for _ in range(MANY))
    watch = Watch(installation.bootstrap, (installation.topics.results, installation.topics.errors))
    producer = Producer(installation.bootstrap, installation.topics.submissions, patients, watch)
    workers = Workers(installation.config(SETTINGS), installation.directory, mutation)
    watch.start()
    try:
        async with producer.open(), workers.running():
            yield _Scenario(installation, workers, producer, watch, patients)
    finally:
        await watch.stop()


async def _order(scenario: _Scenario) -> None:
    """Let the first of two registrations of one patient take long; the second must wait for it."""
    await scenario.worker()
    slow = {"messageType": "I001", "patient": scenario.patients[0].egn}
    await asyncio.to_thread(scenario.installation.nhis.fault, "delay", match=slow, seconds=DELAY)
    asked = await scenario.asked()
    await scenario.publish(Step(0, "first", 0))
    await scenario.asked(more_than=asked)  # otherwise the second may be the one that takes long
    await scenario.publish(Step(0, "second", 0), Step(0, "third", 1), Step(0, "fourth", 1))
    await scenario.answered("first", "second", "third", "fourth")


async def _lost_answer(scenario: _Scenario) -> None:
    """Register a reaction and lose the answer: nobody may send it again."""
    await scenario.worker()
    await asyncio.to_thread(scenario.installation.nhis.fault, "drop-after", match={"messageType": "I005"})
    await scenario.publish(Step(0, "reaction-1", 0, REACTION, about="first"))
    await scenario.answered("reaction-1")


async def _crash_after_exchange(scenario: _Scenario) -> None:
    """Register a reaction and end before its answer is written down: nobody may send it again."""
    process = await scenario.worker(crash_at=CrashPoint("after", "exchange"))
    await scenario.publish(Step(0, "reaction-2", 0, REACTION, about="second"))
    await process.end(PATIENCE)
    await scenario.worker()
    await scenario.answered("reaction-2")


async def _zombie(scenario: _Scenario) -> None:
    """Freeze a worker that is about to send until another one has done it, then let it go on."""
    frozen = await scenario.worker(freeze_at=CrashPoint("before", "sending"))
    await scenario.publish(Step(0, "reaction-3", 1, REACTION, about="third"))
    await frozen.stopped(PATIENCE)
    await scenario.workers.start()
    await scenario.answered("reaction-3")
    frozen.send(signal.SIGCONT)
    await asyncio.sleep(AWAKE_SECONDS)


async def _zombie_on_the_way(scenario: _Scenario) -> None:
    """Freeze a worker between `sending` and the first byte until a person has to decide, then let it go on."""
    frozen = await scenario.worker(freeze_at=CrashPoint("after", "sending"))
    await scenario.publish(Step(0, "reaction-4", 1, REACTION, about="fourth"))
    await frozen.stopped(PATIENCE)
    await scenario.workers.start()
    await scenario.answered("reaction-4")
    await asyncio.sleep(2 * AT_ONCE)  # so that the audit's clocks can tell the order of the two
    frozen.send(signal.SIGCONT)
    await asyncio.sleep(AWAKE_SECONDS)


async def _kill_in_the_middle(scenario: _Scenario) -> None:
    """Kill a worker that has taken many records and finished none."""
    process = await scenario.worker()
    await asyncio.to_thread(
        scenario.installation.nhis.fault, "delay", times=None, match={"messageType": "I001"}, seconds=DELAY
    )
    asked = await scenario.asked()
    names = [f"many-{number}" for number in range(MANY)]
    await scenario.producer.publish([[Step(0, name, number)] for number, name in enumerate(names)])
    await scenario.asked(more_than=asked)
    await _committed_too_early(scenario)
    process.send(signal.SIGKILL)
    await process.end()
    await asyncio.to_thread(scenario.installation.nhis.calm)
    await scenario.worker()
    await scenario.answered(*names)


async def _committed_too_early(scenario: _Scenario) -> None:
    """Give an engine that commits what it has not finished the time to do so."""
    end = time.monotonic() + DELAY / 2
    while time.monotonic() < end:
        if await all_committed(scenario.installation):
            return


async def _read_again(scenario: _Scenario) -> None:
    """Let a worker read again what another had answered."""
    await scenario.worker()
    await scenario.answered("first")
    await _all_committed(scenario)
    await scenario.stop_workers()
    installation = scenario.installation
    scenario.rewinds.append(time.time())
    await asyncio.to_thread(
        rewind, installation.bootstrap, installation.group, installation.topics.submissions
    )
    await scenario.worker()
    await _all_committed(scenario)


async def _all_committed(scenario: _Scenario) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            if await all_committed(scenario.installation):
                return
            await asyncio.sleep(LOOK_SECONDS)


CASES = {
    "order-by-partition-only": _order,
    "blind-retry": _lost_answer,
    "no-sending-state": _crash_after_exchange,
    "no-fencing": _zombie,
    "no-last-word": _zombie_on_the_way,
    "commit-before-reply": _kill_in_the_middle,
    "answer-every-time": _read_again,
}
"""The case that shows each mutation. The first begins every run: the others need its registrations."""


async def run_scenario(installation: Installation, mutation: str | None) -> Evidence:
    """Run a broken engine's own case, or all of them with the engine as it is; return what is left behind."""
    cases = [_order, CASES[mutation]] if mutation else CASES.values()
    async with _scenario(installation, mutation) as scenario:
        for case in dict.fromkeys(cases):
            await case(scenario)
            await scenario.stop_workers()
        return await collect(
            installation.bootstrap,
            installation.topics,
            installation.dsn,
            installation.nhis,
            scenario.producer.sent,
            rewinds=scenario.rewinds,
            surprises=scenario.workers.surprises,
        )
