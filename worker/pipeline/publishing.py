"""Publishing the reply, and the dead letter beside it, until Kafka acknowledged both."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from contracts.dead_letters import DeadLetterHeader
from worker.observability.journey import note
from worker.observability.metrics.labels import Outcome, Stage
from worker.pipeline.following import producing
from worker.pipeline.rendering import without_value

if TYPE_CHECKING:
    from worker.pipeline.meter import Meter
    from worker.pipeline.ports import (
        ClaimRequest,
        Event,
        Finished,
        Journal,
        Place,
        Replies,
        Ticket,
    )
    from worker.pipeline.stages import Stages

log = logging.getLogger(__name__)


class Publishing:
    """Publishes what the journal holds as the end of a submission, and notes there that it is answered."""

    def __init__(self, journal: Journal, replies: Replies, meter: Meter, stages: Stages) -> None:
        self._journal = journal
        self._replies = replies
        self._meter = meter
        self._stages = stages

    async def publish(
        self, of: ClaimRequest | Ticket, place: Place, revision: int, reply: Event, dead: Event | None
    ) -> None:
        """Publish the dead letter first: who reads a reply that names a dead letter must find it in its topic."""
        with self._stages.timed(Stage.PUBLISH):
            if dead is not None:
                with producing("dead-letter", dead.topic):
                    await self._replies.publish(dead, without_value(dead))
            await self._replies.publish(reply)
        with self._stages.timed(Stage.ANSWERED):
            await self._journal.answered(of.source, of.id, revision, place)
        if dead is not None:
            self._meter.died(_reason_of(dead))

    async def publish_again(self, request: ClaimRequest, finished: Finished) -> Outcome | None:
        """Publish the stored answer: for a duplicate, and after a crash before the acknowledgement.

        A record that comes again from its place after the acknowledgement (a crash or a rebalance before its offset
        could be committed) is only counted as done: None is returned for it.
        """
        if finished.answered_here:
            log.debug("answered before, nothing to do", extra={"state": finished.state.value})
            return None
        dead = None if finished.answered else finished.dead_letter
        note(revision=finished.revision, reason=_reason_of(finished.dead_letter) or None)
        with producing("reply", finished.reply.topic):
            await self.publish(request, request.place, finished.revision, finished.reply, dead)
        log.debug("answered from the journal", extra={"state": finished.state.value})
        return Outcome.DUPLICATE if finished.answered else Outcome(finished.state)


def _reason_of(dead: Event | None) -> str:
    """Return the reason code that the event of a dead letter states; empty without one."""
    headers = dead.headers if dead else ()
    stated = (value for name, value in headers if name == DeadLetterHeader.REASON.value)
    return (next(stated, None) or b"").decode()
