"""`python -m tests.support.inbound.worker_process --config FILE`: a worker of NHIS with an invented inbox.

Besides, an accepted registration shows a notification. It dies where CRASH_AT says; the file CRASH_FLAG lets it happen
once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from contracts import notifications
from tests.support.inbound.inbox import InventedInbox
from tests.support.inbound.invented import NAME, TYPE, TYPES
from tests.support.inbound.process import between
from worker import app
from worker.cli.commands.worker import worker as command
from worker.composition.systems import BuiltSystem, build_systems
from worker.inbound import outbox
from worker.inbound.looking import looker
from worker.journal.notifications import PostgresNotifications
from worker.journal.postgres import PostgresJournal
from worker.journal.watches import PostgresWatches
from worker.kafka.replies import ReplyPublisher
from worker.notice import Notice
from worker.outcome import Accepted, NotArrived, Outcome
from worker.pipeline import routing
from worker.submission import Submission
from worker.systems.news import Seen, Watch

LEASE = 1.0
LOOK_PLACES = (
    "after-look-take",
    "before-saw",
    "after-saw",
    "after-take",
    "after-notice-publish",
    "after-note",
)
END_PLACES = ("before-finish", "after-finish", "after-notice-publish")


class WithInbox:
    """NHIS as it is, with an inbox and notices beside it."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self._inbox = InventedInbox()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def watches(self) -> Sequence[Watch]:
        return self._inbox.watches()

    async def look(self, watch: Watch, cursor: str | None) -> Seen:
        return await self._inbox.look(watch, cursor)

    def interpret(self, submission: Submission, *given: Any) -> Outcome:
        return _with_notice(submission, self._real.interpret(submission, *given))

    def settle(self, submission: Submission, *given: Any) -> Outcome | NotArrived:
        return _with_notice(submission, self._real.settle(submission, *given))


def _with_notice(submission: Submission, outcome: Any) -> Any:
    if not isinstance(outcome, Accepted):
        return outcome
    status = "eaten" if submission.id.startswith("broken") else "paid"
    said = {"paymentId": submission.id, "status": status}
    return replace(outcome, notices=(Notice(submission.id, TYPE, said),))


def main() -> None:
    notifications.NOTIFICATION_TYPES = TYPES
    routing.NOTIFYING_SYSTEMS = (NAME,)
    outbox.LEASE = looker.MARGIN = looker.STANDING = LEASE

    def build(*given: Any, **more: Any) -> list[BuiltSystem]:
        built = build_systems(*given, **more)
        return [replace(one, system=WithInbox(one.system)) for one in built]

    app.build_systems = build
    between(PostgresWatches, "take", None, "after-look-take", when=bool)
    between(PostgresWatches, "saw", "before-saw", "after-saw", when=bool)
    between(PostgresJournal, "finish", "before-finish", "after-finish")
    between(PostgresNotifications, "take", None, "after-take", when=bool)
    between(ReplyPublisher, "publish", None, "after-notice-publish", of=_is_notice)
    between(PostgresNotifications, "note_published", None, "after-note")
    command(Path(sys.argv[-1]))


def _is_notice(*arguments: Any) -> bool:
    topic: str = arguments[1].topic
    return topic.endswith(".notifications")


if __name__ == "__main__":
    main()
