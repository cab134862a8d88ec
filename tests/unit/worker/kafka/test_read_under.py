"""Which partitions were read under another id of their topic."""

from __future__ import annotations

import pytest
from aiokafka import TopicPartition

from worker.kafka.read_under import ReadUnder

P0, P1 = TopicPartition("t", 0), TopicPartition("t", 1)


@pytest.mark.parametrize(
    ("began", "now", "other"),
    [("a", "a", False), ("a", "b", True), (None, "b", False), ("a", None, False), (None, None, False)],
)
def test_only_two_known_ids_differ(began: str | None, now: str | None, other: bool) -> None:
    read = ReadUnder()
    read.begin_unknown([P0], lambda _: began)
    assert read.is_other(P0, now) is other
    read.begin(P0, now)
    assert not read.is_other(P0, now)


def test_what_is_known_stays() -> None:
    read = ReadUnder()
    read.begin_unknown([P0], lambda _: "a")
    read.begin_unknown([P0, P1], lambda _: "b")
    assert [read.is_other(one, "b") for one in (P0, P1)] == [True, False]
    assert [read.id_of(one) for one in (P0, P1)] == ["a", "b"]


def test_each_topic_has_its_own_id() -> None:
    other = TopicPartition("u", 0)
    read = ReadUnder()
    read.begin_unknown([P0, other], {"t": "a", "u": "b"}.get)
    assert [read.is_other(one, "b") for one in (P0, other)] == [True, False]
