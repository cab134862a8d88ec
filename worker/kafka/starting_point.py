"""Where reading of an assigned partition begins: whether its topic was recreated, or the journal is older. Policy only.

Herald notes a position in the journal before it commits the offset to Kafka, and writes the topic's id with both. So an
offset that Herald committed and that is beyond the noted one shows that the journal has forgotten something.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.immutable import immutable

if TYPE_CHECKING:
    from worker.pipeline.ports import Position


@immutable
class StartingPoint:
    """What to do before a partition is read. Without anything to do, reading begins at the committed offset."""

    anew: bool = False
    """Whether the topic was recreated, so that it is read from its beginning."""
    unread_from: int | None = None
    """The offset of the old topic from which its records are lost; None if nothing is lost that was not reported."""
    forgotten_from: int | None = None
    """The offset from which the journal does not know how records ended, up to the committed one; None if it does."""
    note: Position | None = None
    """What to note in the journal."""


def starting_point(topic_id: str | None, noted: Position | None, committed: Position | None) -> StartingPoint:
    """Compare the topic's id with those of the noted and of the committed offset. Each may be unknown.

    ``committed`` has an id if Herald committed it: a version before, or a tool that sets offsets, writes none.
    """
    if topic_id is None:
        return StartingPoint()
    if committed is not None and committed.topic_id == topic_id:
        return _of_this_topic(noted, committed)
    if noted is not None and noted.topic_id == topic_id:
        # A worker began anew, and ended before it could commit that: the loss was reported.
        return StartingPoint(anew=committed is not None and committed.topic_id is not None)
    old = next((one for one in (noted, committed) if one is not None and one.topic_id is not None), None)
    if old is not None:
        return StartingPoint(anew=True, unread_from=old.next_offset)
    known = noted or committed
    return StartingPoint(note=known and _under(topic_id, known))


def _of_this_topic(noted: Position | None, committed: Position) -> StartingPoint:
    """Return what to do where Herald itself committed the offset, to the topic that there is now."""
    if noted is not None and noted.topic_id is None:
        # The version before may have written late, while both versions were running.
        return StartingPoint(
            note=max(committed, _under(committed.topic_id, noted), key=lambda one: one.next_offset)
        )
    known = noted.next_offset if noted is not None and noted.topic_id == committed.topic_id else 0
    if known >= committed.next_offset:
        return StartingPoint(note=committed if known == 0 else None)
    return StartingPoint(forgotten_from=known, note=committed)


def _under(topic_id: str | None, position: Position) -> Position:
    return type(position)(position.next_offset, topic_id)
