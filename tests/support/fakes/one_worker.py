"""One worker's engine around a scripted system, with a reader and a renderer that only say what they were given."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from contracts.dead_letters import Origin
from contracts.reasons import Reason
from tests.support.fakes.journal import MemoryJournal, MemoryJournalStore
from tests.support.fakes.later import LaterSystem, make_asker
from tests.support.fakes.one_delivery import POLICY, SUBMISSION
from tests.support.fakes.ports import FakeClock, Reaction, ScriptedSystem, admission, no_flood
from tests.support.fakes.spans import Spans
from worker.pipeline.admission.policy import CircuitPolicy
from worker.pipeline.asking.announcement import Announcement
from worker.pipeline.asking.settings import AskingSettings
from worker.pipeline.asking.waits import Waits
from worker.pipeline.decision import Finish
from worker.pipeline.delivery import Delivery
from worker.pipeline.engine import Engine
from worker.pipeline.flood.guard import FloodGuard
from worker.pipeline.meter import UNMETERED, Meter
from worker.pipeline.ports import DeadLetter, Event, Final, Journal, Record, State
from worker.pipeline.reading import InvalidRecord
from worker.pipeline.rendering import Rendered
from worker.pipeline.reply_context import ReplyContext
from worker.pipeline.routing import Routing
from worker.pipeline.shutdown import Shutdown
from worker.pipeline.stages import Stages
from worker.submission import Submission
from worker.systems.port import Operation, Recovery

ORIGIN = Origin("submissions", 0, 0, 0)
ASKING = AskingSettings(first=10, factor=2, maximum=60, give_up_after=300, pass_seconds=1)


def record(offset: int = 0, key: bytes = b"patient-1") -> Record:
    return Record("submissions", 0, offset, 0, key, b"event", ())


@dataclass
class Replies:
    """Takes every event, unless the test says otherwise."""

    log: list[str]
    events: list[Event] = field(default_factory=list)
    hinder: BaseException | asyncio.Event | None = None

    async def publish(self, event: Event, instead: Event | None = None) -> None:
        if isinstance(self.hinder, asyncio.Event):
            await self.hinder.wait()
        elif self.hinder is not None:
            raise self.hinder
        self.log.append(f"published to {event.topic}")
        self.events.append(event)


class PlainReader:
    """Reads every record as the same thing."""

    def __init__(self, read: Submission | InvalidRecord) -> None:
        self.result = read

    def read(self, _: Record) -> Submission | InvalidRecord:
        return self.result


class PlainRenderer:
    """Renders what it was told in plain words."""

    def __init__(self) -> None:
        self.contexts: list[ReplyContext] = []

    def final(self, taken: Record, context: ReplyContext, end: Finish, at: object) -> Final:
        self.contexts.append(context)
        bad = end.state in {State.FAILED, State.HELD}
        dead = (
            self.dead_letter(taken, context, end.reason or Reason.CONFLICT, end.detail or "") if bad else None
        )
        text = f"{end.state} revision {context.revision} attempts {context.attempts} {end.reason or ''}"
        return Final(end.state, Event("replies", taken.key, text.encode(), ()), dead, at)  # type: ignore[arg-type]

    def render(
        self, taken: Record, context: ReplyContext, end: Finish, at: object, files: object = ()
    ) -> Rendered:
        return Rendered(self.final(taken, context, end, at), ())

    def dead_letter(
        self, taken: Record, context: ReplyContext | None, reason: Reason, detail: str
    ) -> DeadLetter:
        event = Event("dead-letters", taken.key, taken.value, (("reason", reason.value.encode()),))
        letter = f"{taken.topic}/{taken.partition}/{taken.offset}"
        return DeadLetter(letter, reason, detail, "scripted", None, None, None, None, event, ORIGIN)


class Worker:
    """One worker's engine around a scripted system."""

    def __init__(
        self,
        *submits: Reaction,
        recovery: Recovery = Recovery.SAME_IDENTITY,
        read: Submission | InvalidRecord = SUBMISSION,
        store: MemoryJournalStore | None = None,
        owner: str = "worker-1",
        runs: bool = True,
        looks_up: bool = True,
        tracer: Spans | None = None,
        asking: AskingSettings = ASKING,
        asks: Sequence[Reaction] | None = None,
        told: Sequence[Reaction | bool] = (),
        keeps_order: bool = False,
        circuit: CircuitPolicy | None = None,
        meter: Meter = UNMETERED,
        journal: Journal | None = None,
        clock: FakeClock | None = None,
        reader: PlainReader | None = None,
        flood: Callable[[FakeClock], FloodGuard] = no_flood,
    ) -> None:
        self.clock = clock or (store.clock if store else FakeClock(runs=runs))
        self.store = store or MemoryJournalStore(self.clock)
        self.log = self.store.log
        self.journal: Any = journal or MemoryJournal(self.store, owner)
        operation = Operation(SUBMISSION.system, SUBMISSION.operation, recovery, looks_up=looks_up)
        operation = replace(operation, keeps_order_while_waiting=keeps_order)
        self.system = ScriptedSystem(*submits, log=self.log, operations={operation.event_type: operation})
        if asks is not None:
            self.system = LaterSystem.of(self.system, asks, told)
        self.replies = Replies(self.log)
        self.shutdown = Shutdown()
        self.renderer = PlainRenderer()
        self.flood = flood(self.clock)
        self.owner, self.tracer = owner, tracer
        self.reader, self.meter = reader or PlainReader(read), meter
        self.admission = admission(self.system, self.clock, circuit=circuit)
        ids = iter(f"{owner}-{n}" for n in range(1000))
        self.engine = Engine(
            self.system,
            self.journal,
            self.replies,
            self.clock,
            reader=self.reader,  # type: ignore[arg-type]
            delivery=Delivery(
                self.system,
                self.journal,
                self.clock,
                policy=lambda _: POLICY,
                new_id=lambda: next(ids),
                admission=self.admission,
                random=Random(1),
            ),
            renderer=self.renderer,  # type: ignore[arg-type]
            flood=self.flood,
            waits=self._waits(asking),
            tracer=tracer,
            meter=meter,
        )
        self.asker = make_asker(self, asking) if asks is not None else None

    def _waits(self, settings: AskingSettings) -> Waits:
        stages = Stages(self.meter, self.clock.monotonic)
        told = Announcement("scripted", Routing.of("", "scripted"))
        given = self.system, self.journal, self.replies, self.clock, settings
        return Waits(*given, announcement=told, stages=stages)

    async def process(self, *, offset: int = 0, key: bytes = b"patient-1") -> None:
        await self.engine.process(record(offset, key), self.shutdown)

    @property
    def texts(self) -> list[bytes | None]:
        return [event.value for event in self.replies.events if event.topic == "replies"]
