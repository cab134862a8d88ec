"""What a receiver counts, and what of it is unpublished."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.observability.metrics import declared
from worker.observability.metrics.labels import OTHER, CallStatus, NoticeOutcome

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from worker.inbound.outbox import Outbox
    from worker.observability.metrics.instruments import Instruments
    from worker.observability.metrics.readings import Reading

_STATUSES = frozenset(one.value for one in CallStatus)


class ReceiverCounts:
    """Implements `inbound.meter.ReceiverMeter` for the systems that have a route."""

    def __init__(self, instruments: Instruments, systems: Collection[str]) -> None:
        self._instruments = instruments
        self._calls: dict[tuple[str, str], Callable[[], None]] = {}
        self._durations = {
            name: instruments.histogram(declared.RECEIVER_DURATION, name) for name in (*systems, OTHER)
        }
        self._notices = {
            (name, one): instruments.counter(declared.NOTIFICATIONS, name, one.value)
            for name in systems
            for one in NoticeOutcome
        }
        self._hastened = {name: instruments.counter(declared.RECEIVER_HASTENED, name) for name in systems}
        self._looks = {name: instruments.counter(declared.RECEIVER_LOOKS, name) for name in systems}
        for name in systems:
            self._count(name, CallStatus.OK.value)

    def answered(self, system: str | None, status: int, seconds: float) -> None:
        """Count an answer."""
        name, said = system or OTHER, str(status)
        said = said if said in _STATUSES else OTHER
        (self._calls.get((name, said)) or self._count(name, said))()
        self._durations[name](seconds)

    def kept(self, system: str) -> None:
        """Count a notification that was not there before."""
        self._notices[system, NoticeOutcome.NEW]()

    def repeated(self, system: str) -> None:
        """Count a notice that states what is kept already."""
        self._notices[system, NoticeOutcome.REPEATED]()

    def conflicting(self, system: str) -> None:
        """Count a notice of a known identity that states something else."""
        self._notices[system, NoticeOutcome.CONFLICTING]()

    def hastened(self, system: str) -> None:
        """Count a call after which a waiting submission is asked for."""
        self._hastened[system]()

    def look_hastened(self, system: str) -> None:
        """Count a call after which the system is looked at soon."""
        self._looks[system]()

    def _count(self, system: str, status: str) -> Callable[[], None]:
        found = self._instruments.counter(declared.RECEIVER_CALLS, system, status)
        self._calls[system, status] = found
        return found


class OutboxReadings:
    """Reads what was unpublished when this process counted it last."""

    def __init__(self, outbox: Outbox, systems: Collection[str]) -> None:
        self._outbox = outbox
        self._systems = systems

    def __call__(self) -> Iterator[Reading]:
        """Give the readings; none while nobody could count."""
        backlog = self._outbox.backlog
        for name in self._systems if backlog is not None else ():
            found = backlog.get(name) if backlog else None
            yield declared.NOTIFICATIONS_UNPUBLISHED, (name,), found.count if found else 0
            yield declared.NOTIFICATIONS_UNPUBLISHED_AGE, (name,), found.age if found else 0.0
