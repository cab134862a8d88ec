"""One submission, and a delivery whose journal, system, clock and other parts a test scripts or reads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from random import Random

import pytest
from pydantic import BaseModel

from contracts.problems import Problem
from contracts.reasons import Reason
from tests.support.fakes.journal import Entry, MemoryJournal, MemoryJournalStore, claim_request, reply
from tests.support.fakes.ports import FakeClock, Reaction, ScriptedSystem, admission, settle
from worker.outcome import Accepted, AlreadyExists, Blocked, NotArrived, Rejected, StatedError
from worker.pipeline.contained import ContainedSystem
from worker.pipeline.decision import Finish
from worker.pipeline.delivery import Delivery
from worker.pipeline.job import Job
from worker.pipeline.ports import Claimed, Final
from worker.pipeline.retry import RetryPolicy
from worker.pipeline.shutdown import Released, Shutdown
from worker.submission import Submission
from worker.systems.port import NotPrepared, Operation, Recovery, Refused

POLICY = RetryPolicy(initial=1.0, maximum=60.0, jitter=0.0, give_up_after=600.0, longest_asked=120.0)


REPEAT, SAME, LOOK, HOLD = (
    Recovery.REPEAT,
    Recovery.SAME_IDENTITY,
    Recovery.LOOK_UP_FIRST,
    Recovery.HOLD,
)
RULES = [REPEAT, SAME, LOOK, HOLD]
ERRORS = (StatedError(type="error", reason="RL080"),)
ACCEPTED = Accepted({"nrn": "25A01234B567"})
REJECTED = Rejected(ERRORS)
EXISTS = AlreadyExists(ERRORS, reference="25A01234B567")
ABSENT = NotArrived(Reason.ANSWER_TIMEOUT, "the system does not have it")
BLOCKED = Blocked(Reason.ACCESS_DENIED, "the certificate has no access")
PROBLEMS = (Problem("$.data.code", "code-list", "use a code of the list"),)
OBSTACLES = [
    NotPrepared(Blocked(Reason.SIGNING_FAILED, "the key is locked")),
    Refused(Reason.SCHEMA_VIOLATION, PROBLEMS),
]
"""What may keep a message from being made."""


def names(case: object) -> str:
    """Name a parameter by its type, or a rule by itself."""
    return str(case) if isinstance(case, Recovery) else type(case).__name__


class Data(BaseModel):
    """The event's data; the engine must not depend on it."""


SUBMISSION = Submission(
    source="https://hospital.example/his",
    id="s-1",
    type="scripted.thing.do.v1",
    system="scripted",
    operation="thing.do",
    signer="doctor-1",
    key=b"patient-1",
    data=Data(),
    content_hash=b"hash",
    meaning_hash=b"meaning",
)


@dataclass
class Engine:
    """A delivery with all its dependencies; `start` makes a worker's job from the journal's claim."""

    recovery: Recovery
    clock: FakeClock
    store: MemoryJournalStore
    system: ScriptedSystem
    owner: str = "worker-1"
    policy: RetryPolicy = POLICY
    ids: str = "m"

    def __post_init__(self) -> None:
        self.journal = MemoryJournal(self.store, self.owner)
        self.shutdown = Shutdown()
        numbers = count(1)
        self.delivery = Delivery(
            self.system,
            self.journal,
            self.clock,
            policy=lambda _operation: self.policy,
            new_id=lambda: f"{self.ids}-{next(numbers)}",
            admission=admission(self.system, self.clock),
            random=Random(1),
        )

    async def claim(self) -> Job:
        claimed = await self.journal.claim(claim_request(SUBMISSION, self.clock))
        assert isinstance(claimed, Claimed), claimed
        looks_up = self.system.can_look_up
        operation = Operation(SUBMISSION.system, SUBMISSION.operation, self.recovery, looks_up=looks_up)
        self.system.operations = {SUBMISSION.type: operation}
        rule = ContainedSystem(self.system).rule(SUBMISSION, claimed.progress)
        return Job.resume(SUBMISSION, rule, claimed, self.shutdown)

    async def run(self) -> Finish:
        """Claim, deliver, and write the end, as the pipeline does for one event."""
        job = await self.claim()
        end = await self.delivery.run(job)
        await self.journal.finish(job.ticket, Final(end.state, reply(), None, self.clock.now()), job.received)
        return end

    async def shut_down_at_rest(self) -> None:
        """Run until it waits, shut down gracefully, and see the submission released."""
        run = asyncio.create_task(self.run())
        await settle()
        assert not run.done()
        self.shutdown.drain()
        with pytest.raises(Released):
            await run

    @property
    def entry(self) -> Entry:
        return self.store.entries[(SUBMISSION.source, SUBMISSION.id)]

    @property
    def log(self) -> list[str]:
        return self.store.log

    def next_worker(self, *submits: Reaction, look_ups: tuple[Reaction, ...] = ()) -> Engine:
        """Make another worker with the same journal, whose system has a new script. The lease of this one is over."""
        self.journal.die()
        kind = type(self.system)
        system = kind(*submits, look_ups=look_ups, log=self.log, answers=self.system.answers)
        return Engine(
            self.recovery, self.clock, self.store, system, self.owner + "'", self.policy, self.ids + "'"
        )


MakeEngine = Callable[..., Engine]


def make_engine(
    recovery: Recovery,
    *submits: Reaction,
    look_ups: tuple[Reaction, ...] = (),
    runs: bool = True,
    kind: type[ScriptedSystem] = ScriptedSystem,
) -> Engine:
    """Make an engine whose system follows a script. ``runs``: sleeps end at once, and the clock moves by them."""
    clock = FakeClock(runs=runs)
    store = MemoryJournalStore(clock, lease_seconds=1_000_000)
    system = kind(*submits, look_ups=look_ups, log=store.log)
    return Engine(recovery, clock, store, system)
