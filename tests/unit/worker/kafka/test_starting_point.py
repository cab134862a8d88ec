"""Where reading begins, by the topic's id, what the journal noted and what the group committed."""

from __future__ import annotations

import pytest

from worker.kafka.starting_point import StartingPoint, starting_point
from worker.pipeline.ports import Position

GO_ON = StartingPoint()
O6, O9, N0, N6, N9, U6, U9 = (
    Position(6, "old"),
    Position(9, "old"),
    Position(0, "new"),
    Position(6, "new"),
    Position(9, "new"),
    Position(6),
    Position(9),
)
"""Offsets of the old topic, of the new one, and of one that nobody noted."""


@pytest.mark.parametrize(
    ("noted", "committed", "begin"),
    [
        pytest.param(None, None, GO_ON, id="a new group"),
        pytest.param(N9, N9, GO_ON, id="nothing happened"),
        pytest.param(N9, N6, GO_ON, id="a worker ended between note and commit"),
        pytest.param(N9, None, GO_ON, id="the group's offset expired"),
        pytest.param(N9, U6, GO_ON, id="an operator set the offset back"),
        pytest.param(
            N6, U9, GO_ON, id="an operator set the offset forward, or the version before committed it"
        ),
        pytest.param(None, U6, StartingPoint(note=N6), id="the journal notes nothing yet"),
        pytest.param(U6, U9, StartingPoint(note=N6), id="the version before noted and committed"),
        pytest.param(U6, None, StartingPoint(note=N6), id="the version before, and the offset expired"),
        pytest.param(U6, N9, StartingPoint(note=N9), id="the version before noted last"),
        pytest.param(U9, N6, StartingPoint(note=N9), id="the version before noted last, and more"),
        pytest.param(O6, None, StartingPoint(anew=True, unread_from=6), id="recreated, offsets deleted"),
        pytest.param(O6, O6, StartingPoint(anew=True, unread_from=6), id="recreated, offsets kept"),
        pytest.param(O9, O6, StartingPoint(anew=True, unread_from=9), id="recreated, a commit was missing"),
        pytest.param(O6, U9, StartingPoint(anew=True, unread_from=6), id="recreated, offset without an id"),
        pytest.param(None, O6, StartingPoint(anew=True, unread_from=6), id="recreated, only Kafka knows"),
        pytest.param(
            U9, O6, StartingPoint(anew=True, unread_from=6), id="recreated, the version before noted"
        ),
        pytest.param(
            N0, O6, StartingPoint(anew=True), id="a worker ended before it committed where it began"
        ),
        pytest.param(O6, N0, StartingPoint(note=N0), id="a worker ended before it noted where it began"),
        pytest.param(N6, N9, StartingPoint(forgotten_from=6, note=N9), id="an older journal"),
        pytest.param(None, N9, StartingPoint(forgotten_from=0, note=N9), id="an empty journal"),
        pytest.param(
            O6, N9, StartingPoint(forgotten_from=0, note=N9), id="a journal of before the recreation"
        ),
        pytest.param(None, N0, StartingPoint(note=N0), id="an empty journal, and nothing was read"),
    ],
)
def test_where_it_begins(noted: Position | None, committed: Position | None, begin: StartingPoint) -> None:
    assert starting_point("new", noted, committed) == begin


@pytest.mark.parametrize("noted", [None, O6, U6])
@pytest.mark.parametrize("committed", [None, O9, U9])
def test_without_an_id_only_offsets_count(noted: Position | None, committed: Position | None) -> None:
    assert starting_point(None, noted, committed) == GO_ON
