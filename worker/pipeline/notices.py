"""From what a worker finds stated to the notification that is kept: checked against its contract and its topic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.notifications import system_of, validate
from contracts.registry import ContractViolation
from worker.pipeline.notification_events import notification

if TYPE_CHECKING:
    from datetime import datetime

    from worker.notice import Notice
    from worker.pipeline.ports import Notification, Owner
    from worker.pipeline.routing import Routing

_MOST_PLACES = 5


class BrokenNotice(Exception):
    """What a system's code returned cannot be published: a defect. The text names the rule, and no value."""


def check_contract(system: str, notice: Notice) -> None:
    """Check a notice against the contract of its type. Raises BrokenNotice."""
    try:
        validate(system, notice.type, notice.data)
    except KeyError:
        raise BrokenNotice("the system has no notification of this type") from None
    except ContractViolation as violation:
        told = ", ".join(f"{one.path} {one.rule}" for one in violation.problems[:_MOST_PLACES])
        raise BrokenNotice(f"a notification breaks its contract: {told}") from None


class WorkerNotices:
    """Makes the notifications that the workers of one system publish. ``largest`` bounds an event's value, in bytes."""

    def __init__(self, system: str, routing: Routing, largest: int) -> None:
        self._system = system
        self._topics = dict(routing.news)
        self._largest = largest

    def system_of(self, notice: Notice) -> str:
        """Return whose notification it is. Raises BrokenNotice where this system's workers publish none such."""
        try:
            return system_of(notice.type, self._system)
        except KeyError:
            raise BrokenNotice("the system's workers publish no notification of this type") from None

    def made(self, notice: Notice, owner: Owner | None, at: datetime) -> Notification:
        """Make the notification. Raises BrokenNotice."""
        system = self.system_of(notice)
        check_contract(system, notice)
        try:
            made = notification(system, notice, owner, topic=self._topics[system], at=at)
        except (ValueError, TypeError):
            raise BrokenNotice("a notification is no JSON") from None
        if len(made.event.value or b"") > self._largest:
            raise BrokenNotice("a notification is too large for its topic")
        return made
