"""What the looks at one system come to, and how looking at it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.observability.metrics import declared
from worker.observability.metrics.labels import LookOutcome, NoticeOutcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from worker.inbound.looking.record import LookRecord
    from worker.inbound.ports import Kept
    from worker.observability.metrics.instruments import Instruments
    from worker.observability.metrics.readings import Reading
    from worker.pipeline.ports import Notification


class LookCounts:
    """Implements `inbound.looking.meter.LookMeter` for one system."""

    def __init__(self, instruments: Instruments, system: str) -> None:
        self._instruments = instruments
        self._looks = {one: instruments.counter(declared.LOOKS, system, one.value) for one in LookOutcome}

    def looked(self, outcome: LookOutcome) -> None:
        """Count a look."""
        self._looks[outcome]()

    def found(self, notifications: Sequence[Notification], kept: Sequence[Kept]) -> None:
        """Count what it found."""
        for one, now in zip(notifications, kept, strict=True):
            self._instruments.counter(declared.NOTIFICATIONS, one.system, _outcome_of(now).value)()


class LookReadings:
    """Reads how looking at one system goes, as the journal said last."""

    def __init__(self, system: str, record: LookRecord) -> None:
        self._system = (system,)
        self._record = record

    def __call__(self) -> Iterator[Reading]:
        """Give the readings; none while nobody could ask."""
        if self._record.age is not None:
            yield declared.LOOK_AGE, self._system, self._record.age
            yield declared.PLACES_FAILING, self._system, len(self._record.failing)


def _outcome_of(kept: Kept) -> NoticeOutcome:
    if kept.added:
        return NoticeOutcome.NEW
    return NoticeOutcome.REPEATED if kept.same else NoticeOutcome.CONFLICTING
