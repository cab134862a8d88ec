"""Which partitions are read no further at present: all while the window is full, single ones where much is set aside.

Polls go on meanwhile.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiokafka import TopicPartition

    from worker.kafka.assignment import Assignment
    from worker.kafka.subscription import Subscription
    from worker.kafka.window import Window

log = logging.getLogger(__name__)


WINDOW, SET_ASIDE = "window", "set-aside"


class Pausing:
    """What is paused of one consumer. ``before_resume`` is called when partitions are about to be read again."""

    def __init__(
        self,
        window: Window,
        subscription: Subscription,
        assignment: Assignment,
        before_resume: Callable[[], None],
    ) -> None:
        self._window = window
        self._subscription = subscription
        self._assignment = assignment
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

    def pause_if_needed(self) -> None:
        """Pause all where the window is full or something keeps intake back, else what is crowded."""
        if self._window.full or self._kept_back:
            self.pause()
        else:
            self.pause_crowded()

    def pause(self) -> None:
        """Pause all partitions."""
        consumer, assigned = self._subscription.consumer, self._assignment.partitions
        if not self._paused and assigned and consumer is not None:
            consumer.pause(*assigned)
            self._paused = True
            reasons = sorted(self._kept_back)
            log.info("intake paused", extra={"records": self._window.records, "kept_back_by": reasons})

    def resume_if_room(self) -> None:
        """Resume what is not crowded, where the window has room and nothing keeps intake back; never during a stop."""
        if not self._paused or self._kept_back or self._assignment.stopping or not self._window.has_room:
            return
        consumer = self._subscription.consumer
        if consumer is None:
            return
        self._crowded = self._crowded_now()
        self._before_resume()
        consumer.resume(*(self._assignment.partitions - self._crowded))
        self._paused = False
        log.info("intake resumed", extra={"records": self._window.records})

    def pause_crowded(self) -> None:
        """Read no further where too much was set aside, and go on where it no longer is."""
        consumer = self._subscription.consumer
        if self._paused or consumer is None:
            return
        crowded = self._crowded_now()
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

    def _crowded_now(self) -> set[TopicPartition]:
        is_crowded = self._window.partitions.is_crowded
        return {one for one in self._assignment.partitions if is_crowded((one.topic, one.partition))}
