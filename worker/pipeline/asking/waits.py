"""The way of a submission that its system took: the journal keeps it, and its record's offset goes on."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from worker.observability.journey import note
from worker.observability.metrics.labels import Stage
from worker.pipeline.following import producing
from worker.pipeline.ports import Begin
from worker.pipeline.reading import InvalidRecord
from worker.pipeline.shutdown import until
from worker.systems.port import Recovery

if TYPE_CHECKING:
    from worker.outcome import Taken
    from worker.pipeline.asking.announcement import Announcement
    from worker.pipeline.asking.settings import AskingSettings
    from worker.pipeline.job import Job
    from worker.pipeline.ports import Clock, Journal, Record, Replies, Waiting
    from worker.pipeline.shutdown import Shutdown
    from worker.pipeline.stages import Stages
    from worker.submission import Submission
    from worker.systems.port import System

log = logging.getLogger(__name__)


class Waits:
    """Lets the submissions of one system wait."""

    def __init__(
        self,
        system: System,
        journal: Journal,
        replies: Replies,
        clock: Clock,
        settings: AskingSettings,
        *,
        announcement: Announcement,
        stages: Stages,
    ) -> None:
        self._system = system
        self._journal = journal
        self._replies = replies
        self._clock = clock
        self._settings = settings
        self._announcement = announcement
        self._stages = stages

    async def begin(self, record: Record, job: Job, taken: Taken) -> None:
        """Keep what asking needs, and tell that it was taken. Raises Fenced."""
        operation = job.operation.name
        policy = self._settings.policy(self._system.name, operation)
        begin = Begin(
            self._system.name,
            operation,
            taken,
            record,
            delay=policy.begin(taken.delay),
            give_up_after=policy.give_up_after,
        )
        doubt = job.recovery is not Recovery.REPEAT
        with self._stages.timed(Stage.FINISH):
            waiting = await self._journal.wait(job.ticket, begin, job.received, in_doubt=doubt)
        note(attempts=job.tried, revision=waiting.revision)
        await self._tell(record, job.submission, waiting)

    async def again(
        self, record: Record, read: Submission | InvalidRecord, waiting: Waiting, shutdown: Shutdown
    ) -> None:
        """Return when the offset of a record that comes meanwhile may be committed. Raises Released."""
        note(revision=waiting.revision)
        if isinstance(
            read, InvalidRecord
        ):  # valid before a restart with other settings: its answer is asked for
            return
        log.debug("the system has it, and its answer is asked for later")
        await self._tell(record, read, waiting)
        await self.keep_order(read, shutdown)

    async def keep_order(self, submission: Submission, shutdown: Shutdown) -> None:
        """Return when later ones of the key may go: at once, or when the answer is published. Raises Released."""
        if not self._system.operations[submission.type].keeps_order_while_waiting:
            return
        while await self._journal.is_waiting(submission.source, submission.id):
            nap = asyncio.ensure_future(self._clock.sleep(self._settings.pass_seconds))
            await until(nap, shutdown)

    async def _tell(self, record: Record, submission: Submission, waiting: Waiting) -> None:
        if not self._settings.tells_taken(self._system.name, submission.operation):
            return
        event = self._announcement.event(record.key, submission, waiting)
        with self._stages.timed(Stage.PUBLISH), producing("taken", event.topic):
            await self._replies.publish(event)
