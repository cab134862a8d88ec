"""An invented system that takes a submission and answers later, and one worker's asker around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from tests.support.fakes.ports import Reaction, ScriptedSystem, prepared
from worker.outcome import NotArrived, Outcome, Taken
from worker.pipeline.aside import Aside
from worker.pipeline.asking.asker import Asker
from worker.pipeline.asking.contained import ContainedLater
from worker.pipeline.asking.exchange import LaterExchanges
from worker.pipeline.asking.one_answer import OneAnswer
from worker.pipeline.asking.parts import Parts
from worker.pipeline.asking.record import AskRecord
from worker.pipeline.asking.settings import AskingSettings
from worker.pipeline.contained import ContainedSystem
from worker.pipeline.finishing import Finishing
from worker.pipeline.publishing import Publishing
from worker.pipeline.stages import Stages
from worker.submission import Submission
from worker.systems.port import Attempt, Prepared
from worker.transport.port import Answer, SendGuard

if TYPE_CHECKING:
    from tests.support.fakes.one_worker import Worker

TAKEN = Taken({"call": "c-1", "code": "secret-1"}, reference="c-1", ready="c-1 secret-1")


class LaterSystem(ScriptedSystem):
    """Takes what the script says it takes. ``asks`` and ``told`` are used up one by one.

    ``told`` is what it says to acknowledgements: True where it knows; without any it wants none. ``unprepared`` holds
    exceptions for the next messages of both kinds.
    """

    asks: list[Reaction]
    told: list[Reaction | bool]
    unprepared: list[Exception | None]
    calls: list[Taken]

    @classmethod
    def of(
        cls, system: ScriptedSystem, asks: Sequence[Reaction], told: Sequence[Reaction | bool]
    ) -> LaterSystem:
        later = cls(*system.submits, log=system.log, operations=system.operations, answers=system.answers)
        later.asks, later.told, later.unprepared, later.calls = list(asks), list(told), [], []
        later.name = system.name
        return later

    async def prepare_ask(self, submission: Submission, attempt: Attempt, taken: Taken) -> Prepared:
        self._raise_next(self.unprepared)
        self.calls.append(taken)
        return prepared(submission, attempt, "ask")

    def interpret_ask(
        self, submission: Submission, taken: Taken, asked: Prepared, answer: Answer
    ) -> Outcome | NotArrived:
        return self.answers[asked.message_id]

    async def prepare_acknowledgement(
        self, submission: Submission, attempt: Attempt, taken: Taken
    ) -> Prepared | None:
        self._raise_next(self.unprepared)
        return prepared(submission, attempt, "acknowledge") if self.told else None

    def is_acknowledged(self, taken: Taken, sent: Prepared, answer: Answer) -> bool:
        return answer.body == b"True"

    async def exchange(self, prepared: Prepared, guard: SendGuard) -> Answer:
        purpose = prepared.url.rsplit("/", 1)[-1]
        if purpose not in ("ask", "acknowledge"):
            return await super().exchange(prepared, guard)
        if self.connecting is not None:
            await self.connecting()
        guard.begin()
        self.log.append(f"sent {purpose}")
        self.asked.append(prepared)
        reaction = (self.asks if purpose == "ask" else self.told).pop(0)
        if isinstance(reaction, bool):
            return Answer(200, {}, str(reaction).encode())
        if callable(reaction):
            reaction = await reaction(prepared)
        if isinstance(reaction, Exception):
            raise reaction
        self.answers[prepared.message_id] = reaction
        return Answer(200, {}, prepared.message_id.encode())


def make_asker(worker: Worker, settings: AskingSettings) -> Asker:
    """Make the asker of a worker whose system answers later."""
    system = worker.system
    assert isinstance(system, LaterSystem)
    stages, aside = Stages(worker.meter, worker.clock.monotonic), Aside()
    record = AskRecord()
    contained, ids = ContainedSystem(system), count()
    publishing = Publishing(worker.journal, worker.replies, worker.meter, stages)
    parts = Parts(
        system=contained,
        journal=worker.journal,
        reader=worker.reader,  # type: ignore[arg-type]  # reads every record as the same thing
        exchanges=LaterExchanges(
            contained,
            worker.journal,
            worker.clock,
            lambda: f"{worker.owner}-ask-{next(ids)}",
            worker.admission,
            later=ContainedLater(system),
            meter=worker.meter,
        ),
        finishing=Finishing(
            system,
            worker.journal,
            worker.clock,
            renderer=worker.renderer,  # type: ignore[arg-type]  # renders what it was told
            publishing=publishing,
            flood=worker.flood,
            aside=aside,
            stages=stages,
        ),
        publishing=publishing,
        breakers=worker.admission.breakers,
        flood=worker.flood,
        aside=aside,
        meter=worker.meter,
        record=record,
    )
    one = OneAnswer(system.name, parts, settings)
    return Asker(
        system.name,
        worker.journal,
        worker.clock,
        one,
        settings,
        breakers=worker.admission.breakers,
        record=record,
        drain_seconds=5,
        tracer=worker.tracer,
    )


def later(delay: float | None = None, **changes: object) -> Taken:
    """Make the outcome of an ask whose answer is not ready."""
    return replace(TAKEN, delay=delay, **changes)  # type: ignore[arg-type]  # fields by name
