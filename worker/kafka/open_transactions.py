"""Which partitions an open transaction of a producer holds back. Policy only.

Behind the last stable offset nothing may be read until the producer commits or aborts, or until Kafka aborts for it
(`transaction.timeout.ms`). A transaction without a living producer can stay open without end.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

TOLD_AFTER = 5.0
"""Seconds of standstill before a report: most transactions last less than one second."""


@dataclass(slots=True)
class _Held:
    """A partition that is read up to where an open transaction begins."""

    offset: int
    since: float
    is_told: bool = False


class OpenTransactions:
    """What of one topic waits for a producer's commit or abort."""

    def __init__(self, topic: str, now: Callable[[], float]) -> None:
        self._topic = topic
        self._now = now
        self._held: dict[int, _Held] = {}

    @property
    def told(self) -> str | None:
        """Say which partitions wait at which offset and since when, or None."""
        said = (
            f"partition {partition} waits at offset {held.offset} since {_moment(held.since)}"
            for partition, held in sorted(self._held.items())
            if held.is_told
        )
        told = "; ".join(said)
        return f"an open transaction of a producer: {told}" if told else None

    def note(self, partition: int, position: int, stable: int | None, end: int | None) -> None:
        """Note up to where a partition was read, may be read (the last stable offset), and where it ends."""
        if stable is None or end is None or not position == stable < end:
            self._release(partition)
            return
        held = self._held.get(partition)
        if held is None or held.offset != stable:
            self._release(partition)
            self._held[partition] = _Held(stable, self._now())
        elif not held.is_told and self._now() - held.since >= TOLD_AFTER:
            held.is_told = True
            self._log(logging.WARNING, "an open transaction holds back later records", partition, held)

    def reset(self) -> None:
        """Forget everything: the partitions are reassigned."""
        self._held.clear()

    def _release(self, partition: int) -> None:
        held = self._held.pop(partition, None)
        if held is not None and held.is_told:
            self._log(logging.INFO, "the open transaction has ended", partition, held)

    def _log(self, level: int, message: str, partition: int, held: _Held) -> None:
        log.log(
            level,
            message,
            extra={
                "topic": self._topic,
                "partition": partition,
                "offset": held.offset,
                "since": _moment(held.since),
            },
        )


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
