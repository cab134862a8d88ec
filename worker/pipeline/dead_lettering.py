"""Dead letters that end no submission: records without a source or an id, and conflicts with earlier events."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from contracts.reasons import Reason
from worker.observability.journey import note
from worker.pipeline.claim_request import operation_of
from worker.pipeline.flood.causes import Sender
from worker.pipeline.following import producing
from worker.pipeline.reading import InvalidRecord, sender_of
from worker.pipeline.rendering import without_value
from worker.pipeline.reply_context import ReplyContext

if TYPE_CHECKING:
    from worker.pipeline.flood.guard import FloodGuard
    from worker.pipeline.meter import Meter
    from worker.pipeline.ports import Clock, DeadLetter, Journal, Record, Replies
    from worker.pipeline.rendering import Renderer
    from worker.submission import Submission
    from worker.systems.port import System

log = logging.getLogger(__name__)


class DeadLettering:
    """Publishes such dead letters of one system, each once.

    Raises SetAside where the flood guard lets none pass now.
    """

    def __init__(
        self,
        system: System,
        journal: Journal,
        replies: Replies,
        clock: Clock,
        *,
        renderer: Renderer,
        flood: FloodGuard,
        meter: Meter,
    ) -> None:
        self._system = system
        self._journal = journal
        self._replies = replies
        self._clock = clock
        self._renderer = renderer
        self._flood = flood
        self._meter = meter

    async def unreadable(self, record: Record, read: InvalidRecord) -> bool:
        """Bury a record without a source or an id; return whether it was published now, and not before."""
        detail = "; ".join(p.message for p in read.problems)
        dead = self._renderer.dead_letter(record, None, read.reason, detail)
        return await self._bury(dead, read.reason, Sender())

    async def conflict(self, record: Record, read: Submission | InvalidRecord) -> bool:
        """Bury an event whose source and id came before with other content; only the earlier one gets a reply.

        Return whether it was published now, and not before.
        """
        detail = "an earlier event with the same source and id has other content"
        dead = self._renderer.dead_letter(record, self._context_of(read), Reason.CONFLICT, detail)
        return await self._bury(dead, Reason.CONFLICT, sender_of(read))

    def _context_of(self, read: Submission | InvalidRecord) -> ReplyContext:
        if not isinstance(read, InvalidRecord):
            return ReplyContext(read.ref, read.operation)
        assert read.submission is not None  # noqa: S101  # what was compared has a source and an id
        return ReplyContext(read.submission, operation_of(self._system, read))

    async def _bury(self, dead_letter: DeadLetter, reason: Reason, sender: Sender) -> bool:
        # One that was parked before was counted then: reading it again, as after a restart, is no flood.
        if not await self._journal.is_parked(dead_letter):
            self._flood.dies(reason, sender)
        if await self._journal.park(dead_letter, self._clock.now()):
            log.debug("dead letter published before, nothing to do", extra={"dead_letter": dead_letter.id})
            return False
        with producing("dead-letter", dead_letter.event.topic):
            await self._replies.publish(dead_letter.event, without_value(dead_letter.event))
        await self._journal.published(dead_letter)
        self._meter.died(dead_letter.reason)
        note(reason=dead_letter.reason, dead_letter=dead_letter.id)
        return True
