"""Which topics there should be, with which settings, and what of it an existing one lacks."""

from __future__ import annotations

import pytest

from worker.kafka.settings import KafkaSettings
from worker.kafka.topic_plan import TopicState, differences, wanted_topics
from worker.pipeline.routing import Route, Routing

KAFKA = KafkaSettings.model_validate({"bootstrap_servers": "kafka:9092"})
NHIS, ERX = Routing.of("herald.", "nhis"), Routing.of("herald.", "erx")


def specs(*routings, **options):
    return {spec.name: spec for spec in wanted_topics(KAFKA, routings, **options)}


def test_each_system_has_its_four_topics():
    assert list(specs(NHIS, ERX)) == [
        f"herald.{system}.{kind}"
        for system in ("nhis", "erx")
        for kind in ("submissions", "results", "errors", "dead-letters")
    ]


def test_the_topics_of_reply_routes_are_made_once_for_all_systems():
    routes = (Route("/his/1", "his-1.results", "his-1.errors"),)
    named = specs(Routing.of("herald.", "nhis", routes), Routing.of("herald.", "erx", routes))
    assert len(named) == 10
    assert named["his-1.results"].config == named["herald.nhis.results"].config


def test_records_that_herald_takes_and_publishes_fit():
    named = specs(NHIS)
    largest = {name: int(one.config["max.message.bytes"]) for name, one in named.items()}
    assert largest["herald.nhis.submissions"] > KAFKA.max_event_bytes
    assert largest["herald.nhis.results"] > KAFKA.max_reply_bytes
    # A dead letter is a record as it came, with headers beside its own.
    assert largest["herald.nhis.dead-letters"] > largest["herald.nhis.submissions"]


@pytest.mark.parametrize(("replication", "in_sync"), [(1, "1"), (2, "1"), (3, "2"), (5, "2")])
def test_one_broker_may_fail_and_an_acknowledged_record_has_a_copy(replication, in_sync):
    for spec in specs(NHIS, replication=replication).values():
        assert spec.config["min.insync.replicas"] == in_sync


def test_nothing_is_compacted_and_submissions_age_by_the_brokers_clock():
    named = specs(NHIS)
    assert {one.config["cleanup.policy"] for one in named.values()} == {"delete"}
    assert named["herald.nhis.submissions"].config["message.timestamp.type"] == "LogAppendTime"


def test_what_is_different_is_reported():
    (spec, *_) = wanted_topics(KAFKA, [NHIS], partitions=6)
    same = TopicState(6, 3, spec.config)
    assert differences(spec, same) == ()
    assert differences(spec, TopicState(6, 3, {})) == ()
    other = TopicState(1, 2, {**spec.config, "cleanup.policy": "compact", "segment.bytes": "1"})
    assert differences(spec, other) == (
        "it has 1 partition, not 6",
        "it has 2 replicas, not 3",
        "cleanup.policy is compact, not delete",
    )
