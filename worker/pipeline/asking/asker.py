"""Asks for the answers of one system that the journal says are due, some at a time, in every worker."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from worker.cancelling import cancel
from worker.observability.journey import Journey, current, following
from worker.observability.logs import submission_context
from worker.pipeline.contained import Defect, defect_of
from worker.pipeline.following import TRACE_ID
from worker.pipeline.ports import Fenced
from worker.pipeline.reading import InvalidRecord
from worker.pipeline.shutdown import Released, Shutdown, ends_task

if TYPE_CHECKING:
    from worker.observability.tracing.span import Tracer
    from worker.pipeline.admission.breakers import CircuitBreakers
    from worker.pipeline.asking.one_answer import OneAnswer
    from worker.pipeline.asking.record import AskRecord
    from worker.pipeline.asking.settings import AskingSettings
    from worker.pipeline.ports import Clock, DueAnswer, Journal
    from worker.submission import Submission

log = logging.getLogger(__name__)

AFTER_DEFECT = 60.0
"""Seconds until what a defect stopped is tried again."""
WHILE_OPEN = 30.0
"""Seconds until what an open circuit keeps back is taken again, where another ask already waits for the trial."""

_Key = tuple[str, str]


class Asker:
    """Asks for the answers of one system. Nothing sleeps until an answer is due: `run` looks again and again."""

    def __init__(
        self,
        system: str,
        journal: Journal,
        clock: Clock,
        one: OneAnswer,
        settings: AskingSettings,
        *,
        breakers: CircuitBreakers,
        record: AskRecord,
        drain_seconds: float = 20.0,
        tracer: Tracer | None = None,
    ) -> None:
        self._system = system
        self._journal = journal
        self._clock = clock
        self._one = one
        self._settings = settings
        self._breakers = breakers
        self.record = record
        self._drain_seconds = drain_seconds
        self._tracer = tracer
        self._shutdown = Shutdown()
        self._tasks: dict[_Key, asyncio.Task[None]] = {}
        self._signers: dict[_Key, str] = {}

    async def run(self) -> None:
        """Look for what is due until cancelled; `stop` ends what was begun."""
        while True:
            try:
                full = await self.look()
            except Exception as error:  # noqa: BLE001 - a task that ended would never ask again
                defect_of("asking", error)
                full = False
            if full:
                await asyncio.wait(self._tasks.values(), return_when=asyncio.FIRST_COMPLETED)
            else:
                await self._clock.sleep(self._settings.pass_seconds)

    async def look(self) -> bool:
        """Begin with what is due; return whether no further ask has room."""
        free = self._settings.in_flight - len(self._tasks)
        if free > 0 and not self._shutdown.draining.is_set():
            found = await self._journal.take_due(self._system, free, tuple(self._tasks))
            self.record.taken(max((due.late for due in found), default=0.0))
            for due in found:
                self._begin(due)
        return len(self._tasks) >= self._settings.in_flight

    async def stop(self) -> None:
        """Let asks in flight end within the drain time, and give back the others. `run` must have ended."""
        self._shutdown.drain()
        tasks = set(self._tasks.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=self._drain_seconds)
        self._shutdown.abort()
        await cancel(late)

    def _begin(self, due: DueAnswer) -> None:
        key = due.ticket.source, due.ticket.id
        # One ask waits for the trial of an open circuit; the others of its signer must not take the room of all.
        waits = self._breakers.is_open(due.signer) and due.signer in self._signers.values()
        self._signers[key] = due.signer
        self._tasks[key] = task = asyncio.create_task(self._contained(due, put_off=waits))
        task.add_done_callback(lambda _: self._done(key))

    def _done(self, key: _Key) -> None:
        del self._tasks[key], self._signers[key]

    async def _contained(self, due: DueAnswer, *, put_off: bool) -> None:
        task = asyncio.current_task()
        try:
            if put_off:
                await self._one.put_off(due, WHILE_OPEN)
            else:
                await self._followed(due)
        except Fenced:
            log.debug("another worker asks for the answer")
        except Released:
            await self._give_back(due, 0.0)
        except Defect:
            await self._give_back(due, AFTER_DEFECT)
        except asyncio.CancelledError:
            if not self._shutdown.aborted.is_set():
                raise
            if task:
                task.uncancel()
            await self._give_back(due, 0.0)
        except BaseException as error:
            if ends_task(error, task):
                raise
            defect_of("ask", error)
            await self._give_back(due, AFTER_DEFECT)

    async def _followed(self, due: DueAnswer) -> None:
        named = {"submission_id": due.ticket.id, "submission_source": due.ticket.source}
        with following(Journey(self._clock.monotonic)), submission_context(system=self._system, **named):
            read = await self._one.read(due)
            trace_id = self._trace(read)
            with submission_context(**({"trace_id": trace_id} if trace_id else {})):
                await self._one.go_on(due, read, self._shutdown)

    def _trace(self, read: Submission | InvalidRecord) -> str | None:
        """Begin a trace of this ask beneath that of the submission, where traces are on; return the id for the log."""
        named, journey = read.submission if isinstance(read, InvalidRecord) else read, current()
        parent = named.traceparent if named else None
        if self._tracer is None or journey is None:
            return parent[TRACE_ID] if parent else None
        journey.trace(self._tracer, f"ask {self._system}", parent, {"herald.system": self._system})
        return journey.root.trace_id if journey.root else None

    async def _give_back(self, due: DueAnswer, seconds: float) -> None:
        try:
            await self._one.put_off(due, seconds)
        except Fenced:
            log.debug("another worker asks for the answer")
