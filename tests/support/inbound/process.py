"""`python -m tests.support.inbound.process CONFIG`: a receiver of the invented system, which dies where it is told to.

CRASH_AT names the place, and the file CRASH_FLAG lets it happen once.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from contracts import notifications
from tests.support.inbound.invented import NAME, TYPES, InventedSystem
from worker import receiver
from worker.cli.commands.receiver import receiver as command
from worker.composition.systems import BuiltSystem
from worker.inbound import outbox
from worker.inbound.taking import Taking
from worker.journal.code_lists import CachedCodeLists
from worker.journal.notifications import PostgresNotifications
from worker.kafka.replies import ReplyPublisher
from worker.pipeline import routing

LEASE = 1.0
PLACES = ("before-journal", "after-journal", "after-publish", "after-note", "before-answer")


def with_invented_system() -> None:
    """Let a receiver in this process serve the invented system."""
    notifications.NOTIFICATION_TYPES = TYPES
    routing.NOTIFYING_SYSTEMS = (NAME,)
    outbox.LEASE = LEASE

    def build(settings: Any, *_: Any, **__: Any) -> list[BuiltSystem]:
        system: Any = InventedSystem()
        return [BuiltSystem(system, CachedCodeLists(settings.journal, NAME))]

    receiver.build_systems = build


def _dies(place: str) -> None:
    flag = os.environ.get("CRASH_FLAG")
    if os.environ.get("CRASH_AT") == place and flag and Path(flag).exists():
        Path(flag).unlink()
        os.kill(os.getpid(), signal.SIGKILL)


def between(
    owner: type,
    method: str,
    before: str | None,
    after: str | None,
    *,
    of: Callable[..., bool] = lambda *_: True,
    when: Callable[[Any], bool] = lambda _: True,
) -> None:
    """Let this process die before or after a method, where ``of`` its arguments and ``when`` its result say so."""
    real: Callable[..., Awaitable[Any]] = getattr(owner, method)

    async def patched(*arguments: Any, **more: Any) -> Any:
        concerned = of(*arguments)
        if concerned:
            _dies(before or "")
        result = await real(*arguments, **more)
        if concerned and when(result):
            _dies(after or "")
        return result

    setattr(owner, method, patched)


def main() -> None:
    with_invented_system()
    between(PostgresNotifications, "keep", "before-journal", "after-journal")
    between(ReplyPublisher, "publish", None, "after-publish")
    between(PostgresNotifications, "note_published", None, "after-note")
    between(Taking, "answer", None, "before-answer")
    command(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
