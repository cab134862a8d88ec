"""What counts as lost, by where reading stood and what the log still holds."""

from __future__ import annotations

import pytest

from worker.kafka.lost_records import DELETED, RECREATED, forgotten, lost
from worker.pipeline.ports import FORGOTTEN, Loss


@pytest.mark.parametrize(
    ("read_to", "start", "end"),
    [(None, 0, 0), (None, 40, 50), (0, 0, 0), (40, 40, 50), (45, 40, 50), (50, 40, 50)],
    ids=["new and empty", "new group", "empty", "at the start", "within", "at the end"],
)
def test_nothing_is_lost(read_to: int | None, start: int, end: int) -> None:
    assert lost("t", 3, read_to=read_to, start=start, end=end) is None


def test_what_lies_below_the_log_is_lost() -> None:
    found = lost("t", 3, read_to=7, start=40, end=50)
    assert found == Loss("t", 3, 7, 40, DELETED)
    assert found.count == 33
    assert found.told.startswith("33 offsets of t, partition 3, from offset 7 on: Kafka deleted them")


def test_how_much_a_topic_that_was_recreated_had_held_is_unknown() -> None:
    found = lost("t", 3, read_to=60, start=0, end=50)
    assert found == Loss("t", 3, 60, None, RECREATED)
    assert found.count is None
    assert found.told.startswith("an unknown number of offsets")


@pytest.mark.parametrize(
    ("noted", "start", "expected"),
    [(7, 0, (7, 20)), (7, 9, (9, 20)), (0, 20, None), (0, 25, None), (20, 0, None)],
    ids=["all is there", "a part was deleted", "nothing is left", "deleted and more", "nothing forgotten"],
)
def test_what_the_journal_forgot_is_counted_as_far_as_it_is_there(
    noted: int, start: int, expected: tuple[int, int] | None
) -> None:
    found = forgotten("t", 3, noted=noted, committed=20, start=start)
    assert found == (Loss("t", 3, *expected, FORGOTTEN) if expected else None)
