"""The interim event: the system took the submission, and its answer comes later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.replies import TakenReply
from contracts.reply_events import reply_event
from worker.pipeline.ports import Event

if TYPE_CHECKING:
    from worker.pipeline.ports import Waiting
    from worker.pipeline.routing import Routing
    from worker.submission import Submission


class Announcement:
    """Writes the interim events of one system: always the same bytes for one revision of a submission."""

    def __init__(self, system: str, routing: Routing) -> None:
        self._system = system
        self._routing = routing

    def event(self, key: bytes | None, submission: Submission, waiting: Waiting) -> Event:
        """Return the event. It is made of the submission and of what the journal holds, and of nothing else."""
        reply = TakenReply(
            system=self._system,
            operation=submission.operation,
            reference=waiting.reference,
            taken_at=waiting.taken_at,
            give_up_at=waiting.give_up_at,
        )
        message = reply_event(submission.ref, reply, revision=waiting.revision, at=waiting.taken_at)
        topic = self._routing.of_source(submission.source).results
        return Event(topic, key, message.value, message.headers)
