"""Whether records were deleted before they were read. Policy only."""

from __future__ import annotations

from worker.pipeline.ports import FORGOTTEN, Loss

DELETED = "Kafka deleted them before they were read"
RECREATED = "the topic was recreated or truncated, and its later records are gone"


def lost(topic: str, partition: int, *, read_to: int | None, start: int, end: int) -> Loss | None:
    """Return what is lost of a partition that was read up to an offset, and now reaches from one to another.

    ``read_to`` is None where it was never read: then nothing is known to be lost.
    """
    if read_to is None or start <= read_to <= end:
        return None
    if read_to < start:
        return Loss(topic, partition, read_to, start, DELETED)
    return Loss(topic, partition, read_to, None, RECREATED)


def lost_with_topic(topic: str, partition: int, *, unread_from: int | None) -> Loss | None:
    """Return what is lost of a partition whose topic was recreated, whatever offsets the new one has.

    Of a partition of which nothing was ever read, nothing is known to be lost.
    """
    return Loss(topic, partition, unread_from, None, RECREATED) if unread_from else None


def forgotten(topic: str, partition: int, *, noted: int, committed: int, start: int) -> Loss | None:
    """Return what a group has committed of a partition beyond what the journal has noted, as far as it is there."""
    begin = max(noted, start)
    return Loss(topic, partition, begin, committed, FORGOTTEN) if begin < committed else None
