"""Which partitions are read no further at present: all while the window is full, single ones where much is set aside.

Polls go on meanwhile. The consumer is handed in at each step, as it comes and goes.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from aiokafka import TopicPartition

    from worker.kafka.window import Window

log = logging.getLogger(__name__)


WINDOW, SET_ASIDE = "window", "set-aside"


class Pausing:
    """What is paused of one consumer. ``before_resume`` is called when partitions are about to be read again."""

    def __init__(self, window: Window, before_resume: Callable[[], None]) -> None:
        self._window = window
        self._before_resume = before_resume
        self._paused = False
        self._crowded: set[TopicPartition] = set()
        self._kept_back: set[str] = set()

    @property
    def crowded(self) -> str | None:
        """Say which partitions are not read any further, as too much of them was set aside, or None."""
        if not self._crowded:
            return None
        numbers = ", ".join(str(one.partition) for one in sorted(self._crowded))
        return f"too many records of partition {numbers} are set aside: it is not read further"

    @property
    def reasons(self) -> frozenset[str]:
        """Why no further records are read: what keeps intake back, `window`, and for some partitions `set-aside`."""
        full = {WINDOW} if self._paused and (self._window.full or not self._kept_back) else set()
        return frozenset(self._kept_back | full | ({SET_ASIDE} if self._crowded else set()))

    def keep_back(self, reason: str, *, wanted: bool) -> None:
        """Note that nothing is to be read for this reason; or, where not ``wanted``, no longer."""
        if wanted:
            self._kept_back.add(reason)
        else:
            self._kept_back.discard(reason)

    def reset(self) -> None:
        """Forget what was paused: partitions were assigned, and none of them is."""
        self._paused, self._crowded = False, set()

    def pause_if_needed(self, consumer: Any, assigned: Collection[TopicPartition]) -> None:
        """Pause all where the window is full or something keeps intake back, else what is crowded."""
        if self._window.full or self._kept_back:
            self.pause(consumer, assigned)
        else:
            self.pause_crowded(consumer, assigned)

    def pause(self, consumer: Any, assigned: Collection[TopicPartition]) -> None:
        """Pause all partitions."""
        if not self._paused and assigned and consumer is not None:
            consumer.pause(*assigned)
            self._paused = True
            reasons = sorted(self._kept_back)
            log.info("intake paused", extra={"records": self._window.records, "kept_back_by": reasons})

    def resume_if_room(self, consumer: Any, assigned: Collection[TopicPartition]) -> None:
        """Resume what is not crowded, where the window has room and nothing keeps intake back."""
        if not self._paused or self._kept_back or consumer is None or not self._window.has_room:
            return
        self._crowded = self._crowded_of(assigned)
        self._before_resume()
        consumer.resume(*(set(assigned) - self._crowded))
        self._paused = False
        log.info("intake resumed", extra={"records": self._window.records})

    def pause_crowded(self, consumer: Any, assigned: Collection[TopicPartition]) -> None:
        """Read no further where too much was set aside, and go on where it no longer is."""
        if self._paused or consumer is None:
            return
        crowded = self._crowded_of(assigned)
        if entered := crowded - self._crowded:
            consumer.pause(*entered)
            log.warning(
                "partitions are not read further: too many of their records are set aside",
                extra={"partitions": sorted(one.partition for one in entered)},
            )
        if left := self._crowded - crowded:
            self._before_resume()
            consumer.resume(*left)
        self._crowded = crowded

    def _crowded_of(self, assigned: Collection[TopicPartition]) -> set[TopicPartition]:
        return {one for one in assigned if self._window.is_crowded(tuple(one))}
