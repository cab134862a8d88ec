"""Fakes of the engine's ports: a national system, a clock, admission, all in memory and scripted. They keep to what
the ports promise, and refuse what a caller may not do, so that a test fails where the engine breaks a port's rules.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from contracts.reasons import Reason
from worker.outcome import NotArrived, Outcome, Retry, Unknown
from worker.pipeline.admission.admission import Admission
from worker.pipeline.admission.breakers import CircuitBreakers
from worker.pipeline.admission.concurrency import ConcurrencyLimits
from worker.pipeline.admission.policy import CircuitPolicy
from worker.pipeline.admission.rate_limit import RateLimits
from worker.pipeline.flood.causes import Party
from worker.pipeline.flood.counting import Flood, FloodCounters, FloodPolicy
from worker.pipeline.flood.guard import FloodGuard
from worker.pipeline.ports import JournalOutage, Stop
from worker.submission import Submission
from worker.systems.port import Attempt, Operation, Prepared, Recovery
from worker.transport.port import Answer, DeliveryError, SendGuard

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class FakeClock:
    """Time that moves only when a test moves it, or, with ``runs``, to the end of each sleep at once.

    ``naps`` keeps every sleep that was asked for, in seconds.
    """

    def __init__(self, start: datetime = NOON, *, runs: bool = False) -> None:
        self._start = start
        self._elapsed = 0.0
        self._step = 0.0
        self._runs = runs
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self.naps: list[float] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed + self._step)

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        if self._runs:
            self._elapsed += max(seconds, 0.0)
            await asyncio.sleep(0)
            return
        awake = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, len(self.naps), awake))
        await awake

    @property
    def sleeping(self) -> int:
        """How many sleep at present."""
        return sum(not awake.done() for _, _, awake in self._sleepers)

    async def advance(self, seconds: float) -> None:
        """Let time pass, and everything that slept until then go on."""
        self._elapsed += seconds
        while self._sleepers and self._sleepers[0][0] <= self._elapsed:
            awake = heapq.heappop(self._sleepers)[2]
            if not awake.done():
                awake.set_result(None)
        await settle()

    def step_wall_clock(self, seconds: float) -> None:
        """Set the wall clock, as an administrator would; the monotonic clock does not notice."""
        self._step += seconds


async def settle(rounds: int = 50) -> None:
    """Let every task run until it waits for something that only the test can bring."""
    for _ in range(rounds):
        await asyncio.sleep(0)


Reaction = Outcome | NotArrived | DeliveryError | Exception | Callable[[Prepared], Awaitable[Outcome]]
"""What the scripted system does with one message: an outcome it is read as, an error, or anything awaitable."""


class LateAnswer:
    """A reaction that comes when the test sets ``answer``."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

    async def __call__(self, _: Prepared) -> Outcome:
        return await self.answer


class ScriptedSystem:
    """A national system that reacts to each message as the script says, and keeps what it was sent.

    ``submits`` and ``look_ups`` are used up one by one. ``preparing`` holds exceptions for the next prepares (None:
    prepare well), ``asking`` the same for the look-ups' prepares; ``can_look_up`` says whether it has a look-up.
    ``connecting`` runs before the first byte leaves. ``down_reason`` is what a probe says.
    ``own_rule`` is the recovery rule of the submission itself, where it differs from its operation's. ``evidence``
    is what may be kept of messages and answers, where that is not all; ``read`` are the answers as it read them.
    ``answers`` is what each of its answers says: the next worker reads them from the journal as this one did.
    """

    def __init__(
        self,
        *submits: Reaction,
        look_ups: Sequence[Reaction] = (),
        log: list[str] | None = None,
        operations: Mapping[str, Operation] | None = None,
        answers: dict[str, Outcome | NotArrived] | None = None,
    ) -> None:
        self.name = "scripted"
        self.time_zone = "Europe/Sofia"
        self.operations: Mapping[str, Operation] = operations or {}
        self.submits = list(submits)
        self.look_ups = list(look_ups)
        self.preparing: list[Exception | None] = []
        self.asking: list[Exception | None] = []
        self.can_look_up = True
        self.refusal: Exception | None = None
        self.log = log if log is not None else []
        self.sent: list[Prepared] = []
        self.asked: list[Prepared] = []
        self.attempts: list[Attempt] = []
        self.doubted: list[Outcome] = []
        self.connecting: Callable[[], Awaitable[None]] | None = None
        self.reauthorized: list[str] = []
        self.own_rule: Recovery | None = None
        self.evidence: bytes | None = None
        self.evidence_url: str | None = None
        self.read: list[bytes] = []
        self.down_reason: str | None = None
        self.probes = 0
        self.answers = {} if answers is None else answers

    def knows_signer(self, signer: str) -> bool:
        return signer == "doctor-1"

    def identity(self, submission: Submission) -> str:
        return f"identity of {submission.id}"

    def recovery(self, submission: Submission) -> Recovery:
        return self.own_rule or self.operations[submission.type].recovery

    async def check(self, submission: Submission) -> None:
        if self.refusal:
            raise self.refusal

    async def prepare(self, submission: Submission, attempt: Attempt) -> Prepared:
        self._raise_next(self.preparing)
        self.attempts.append(attempt)
        made = prepared(submission, attempt, "submit")
        return replace(made, evidence=self.evidence, evidence_url=self.evidence_url)

    async def prepare_look_up(
        self, submission: Submission, attempt: Attempt, found: Outcome
    ) -> Prepared | None:
        self._raise_next(self.asking)
        self.doubted.append(found)
        return prepared(submission, attempt, "look-up") if self.can_look_up else None

    async def exchange(self, prepared: Prepared, guard: SendGuard) -> Answer:
        if self.connecting is not None:
            await self.connecting()
        guard.begin()
        asks = prepared.url.endswith("look-up")
        self.log.append("sent look-up" if asks else "sent submit")
        (self.asked if asks else self.sent).append(prepared)
        reaction = (self.look_ups if asks else self.submits).pop(0)
        if callable(reaction):
            reaction = await reaction(prepared)
        if isinstance(reaction, Exception):
            raise reaction
        self.answers[prepared.message_id] = reaction
        headers = {"x-answer-to": prepared.message_id}
        return Answer(200, headers, prepared.message_id.encode(), evidence=self.evidence)

    def interpret(self, submission: Submission, prepared: Prepared, answer: Answer) -> Outcome:
        self.read.append(answer.body)
        outcome = self.answers[prepared.message_id]
        assert not isinstance(outcome, NotArrived)
        return outcome

    def settle(
        self, submission: Submission, found: Outcome, look_up: Prepared, answer: Answer
    ) -> Outcome | NotArrived:
        return self.answers[look_up.message_id]

    async def reauthorize(self, prepared: Prepared) -> None:
        self.log.append("reauthorize")
        self.reauthorized.append(prepared.message_id)

    async def probe(self) -> str | None:
        self.probes += 1
        return self.down_reason

    async def close(self) -> None:
        return None

    @staticmethod
    def _raise_next(script: list[Exception | None]) -> None:
        if script and (error := script.pop(0)) is not None:
            raise error


def prepared(submission: Submission, attempt: Attempt, purpose: str) -> Prepared:
    return Prepared(
        operation=submission.operation,
        signer=submission.signer,
        message_id=attempt.message_id,
        identity=attempt.identity,
        url=f"https://system.example/{purpose}",
        request=f"<{purpose} id='{attempt.message_id}' identity='{attempt.identity}'/>".encode(),
        headers={"content-type": "application/xml"},
        secret_headers={"authorization": "Bearer secret"},
    )


def unknown(reason: Reason = Reason.ANSWER_TIMEOUT) -> Unknown:
    """Make the unknown outcome of an exchange."""
    return Unknown(reason, "no answer came")


def unsent(reason: str = "connection-refused") -> DeliveryError:
    """Make the error of an exchange that certainly did not begin."""
    return DeliveryError(reason, "nobody listens", sent=False)


def lost(reason: str = "answer-timeout") -> DeliveryError:
    """Make the error of an exchange whose answer was lost."""
    return DeliveryError(reason, "no answer came", sent=True)


def retry(delay: float | None = None, *, reauthorize: bool = False) -> Retry:
    """Make the outcome of a message that was certainly not processed."""
    reason = Reason.TOKEN_REFUSED if reauthorize else Reason.UNAVAILABLE
    return Retry(reason, "not now", delay=0 if reauthorize else delay, reauthorize=reauthorize)


def admission(
    system: ScriptedSystem,
    clock: FakeClock,
    *,
    places: ConcurrencyLimits | None = None,
    rates: RateLimits | None = None,
    circuit: CircuitPolicy | None = None,
) -> Admission:
    """Make an admission that admits everything at once, except what a test restricts."""
    breakers = CircuitBreakers("scripted", circuit or CircuitPolicy(failures=1000), clock, system.probe)
    return Admission(breakers, rates or RateLimits(None, None), places or ConcurrencyLimits(100, 100))


class FakeStops:
    """The journal's stops, shared by workers; its probes by the tests' clock. It keeps what guards write."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.rows: dict[Party, Stop] = {}
        self.probe_at: dict[Party, float] = {}
        self.unavailable = False

    async def in_force(self, system: str) -> list[Stop]:
        if self.unavailable:
            raise JournalOutage
        return [replace(row, probe_due=self._due(party)) for party, row in self.rows.items()]

    async def stop(self, system: str, party: Party, flood: Flood, probe_after: float) -> None:
        if party not in self.rows:
            self.rows[party] = Stop(self.clock.now(), flood.why, party, flood.reasons)
            self.probe_at[party] = self.clock.monotonic() + probe_after

    async def take_probe(self, system: str, party: Party, again_after: float) -> bool:
        due = self._due(party)
        if due:
            self.probe_at[party] = self.clock.monotonic() + again_after
        return due

    async def lift(self, system: str, stop: Stop) -> None:
        if self.rows.get(stop.party) == stop:
            del self.rows[stop.party]

    def _due(self, party: Party) -> bool:
        return party in self.rows and self.clock.monotonic() >= self.probe_at[party]


def no_flood(clock: FakeClock) -> FloodGuard:
    """Make a flood guard that never stops anything."""
    policy = FloodPolicy(share=1.0, dead_letters_per_minute=1_000_000)
    return FloodGuard("scripted", FloodCounters(policy, clock.monotonic), FakeStops(clock), clock)
