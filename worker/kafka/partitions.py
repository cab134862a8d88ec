"""The partitions of the window: how far each was read, finished and committed, and what of it is read again."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING

from worker.kafka.lane import Lane
from worker.pipeline.flood.causes import Party

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from worker.kafka.lane import Partition
    from worker.pipeline.ports import Record

log = logging.getLogger(__name__)


class Partitions:
    """A lane for each partition of which a record was taken. ``max_set_aside``: at how many offsets one is crowded."""

    def __init__(self, max_set_aside: int) -> None:
        self._max_set_aside = max_set_aside
        self._lanes: dict[Partition, Lane] = {}

    @property
    def lanes(self) -> Collection[Lane]:
        """The lanes of all partitions."""
        return self._lanes.values()

    def lanes_of(self, partitions: Iterable[Partition]) -> list[Lane]:
        """Return the lanes of those of these partitions that have one."""
        return [self._lanes[one] for one in partitions if one in self._lanes]

    def lane_of(self, record: Record) -> Lane:
        """Return the lane of a record that is to be taken: a new one where the partition's offsets went back."""
        partition = (record.topic, record.partition)
        lane = self._lanes.get(partition)
        if lane is None:
            lane = self._lanes[partition] = Lane()
        elif not lane.reads_again and lane.offsets.goes_back_to(record.offset):
            return self._begin_anew(partition, lane)
        return lane

    def remove(self, partition: Partition) -> Lane | None:
        """Remove the lane of a partition that was revoked, and return it; None where it has none."""
        return self._lanes.pop(partition, None)

    def next_offset(self, partition: Partition) -> int | None:
        """Return the offset from which records of a partition are still to be taken, or None where none was read."""
        lane = self._lanes.get(partition)
        if lane is None:
            return None
        return lane.offsets.next if lane.aside.at is None else lane.aside.at

    def unread_from(self, partition: Partition) -> int | None:
        """Return the first offset that was not taken, or is set aside; None where none was read."""
        lane = self._lanes.get(partition)
        if lane is None:
            return None
        known = (lane.offsets.next, lane.aside.first, *lane.gone)
        return min((one for one in known if one is not None), default=None)

    def read_to(self, partition: Partition, offset: int) -> None:
        """Note that nothing is left to take of a partition below this offset: where no record came, there is none."""
        lane = self._lanes.setdefault(partition, Lane())
        lane.gone += lane.aside.passed(offset)
        lane.offsets.read_to(offset)

    def go_on_from(self, partition: Partition, offset: int) -> None:
        """Note that the records from this offset on come next, though later ones may have been taken."""
        lane = self._lanes.get(partition)
        if lane is None:
            return
        if lane.aside.at is not None and offset >= lane.aside.at:  # what was set aside was deleted meanwhile
            lane.gone += lane.aside.passed(offset)
        elif lane.offsets.goes_back_to(offset):
            self._begin_anew(partition, lane)

    def begin_anew(self, partition: Partition) -> None:
        """Note that the topic was recreated: all that comes next is new, and what was set aside is gone."""
        if (lane := self._lanes.get(partition)) is not None:
            self._begin_anew(partition, lane)

    def _begin_anew(self, partition: Partition, lane: Lane) -> Lane:
        """Restart the count of a partition's offsets: its topic was recreated, or its log truncated.

        These are other records under old numbers. What was in work goes on, but has no say in what is committed.
        """
        log.error("offsets went back", extra={"topic": partition[0], "partition": partition[1]})
        self._lanes[partition] = Lane(shutdown=lane.shutdown, tasks=lane.tasks, before=lane)
        return self._lanes[partition]

    def offsets_of(self, partition: Partition) -> tuple[int | None, int | None]:
        """Return what was committed last of a partition, and up to where it was taken; None where nothing was."""
        lane = self._lanes.get(partition)
        return (None, None) if lane is None else (lane.offsets.last_committed, lane.offsets.next)

    def committable(self) -> dict[Partition, int]:
        """Return what may be committed now, where it is new."""
        found = ((partition, lane.offsets.committable()) for partition, lane in self._lanes.items())
        return {partition: offset for partition, offset in found if offset is not None}

    def committed(self, offsets: dict[Partition, int]) -> None:
        """Note what was committed."""
        for partition, offset in offsets.items():
            if partition in self._lanes:
                self._lanes[partition].offsets.committed(offset)

    @property
    def set_aside(self) -> Counter[Party]:
        """How many records are set aside, by their cause."""
        return sum((lane.aside.parties for lane in self._lanes.values()), Counter[Party]())

    def is_crowded(self, partition: Partition) -> bool:
        """Whether so much of a partition is set aside that no more of it should be polled."""
        lane = self._lanes.get(partition)
        return lane is not None and not lane.reads_again and len(lane.aside) >= self._max_set_aside

    def read_again(self, waits: Callable[[Party], bool], *, has_room: bool) -> dict[Partition, int]:
        """Return the partitions of which records need no longer wait, with the offset to go back to.

        Also those where reading them again should end, as all that is left has to wait, with the offset to go on from.
        ``waits`` says of whom records still wait; without ``has_room`` none begins to be read again.
        """
        places: dict[Partition, int] = {}
        for partition, lane in self._lanes.items():
            if lane.offsets.next is None or lane.shutdown.draining.is_set():
                continue
            if lane.reads_again:
                if all(waits(party) for party in lane.aside.parties):
                    lane.aside.end_reading_again()
                    places[partition] = lane.offsets.next
            elif has_room and (lowest := lane.aside.lowest(waits)) is not None:
                lane.aside.read_again(lowest, lane.offsets.next)
                places[partition] = lowest
        return places

    def is_reading_again(self, partition: Partition) -> bool:
        """Whether what was set aside of a partition is being read again."""
        lane = self._lanes.get(partition)
        return lane is not None and lane.reads_again

    @property
    def reads_again(self) -> bool:
        """Whether anything is being read again: that ends as soon as all that is left has to wait."""
        return any(lane.reads_again for lane in self._lanes.values())

    @property
    def gone(self) -> dict[Partition, list[int]]:
        """The offsets that were set aside and are no longer in the log, until `written_off`."""
        return {partition: lane.gone for partition, lane in self._lanes.items() if lane.gone}

    def written_off(self, partition: Partition, offsets: list[int]) -> None:
        """Note that it is durable that these are lost: they may be committed past."""
        lane = self._lanes.get(partition)
        for offset in offsets:
            if lane is not None and offset in lane.gone:
                lane.gone.remove(offset)
                lane.offsets.finish(offset)
