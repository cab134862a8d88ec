"""What is wrong with topics: each rule by a table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from worker.admin.preflight import topic_policy as policy
from worker.admin.preflight.findings import IF_TEST, Verdict
from worker.admin.preflight.topic_policy import Kind, Topic
from worker.kafka.cluster_state import TopicFacts
from worker.kafka.settings import KafkaSettings
from worker.kafka.topic_plan import wanted_topics
from worker.pipeline.routing import Routing

KAFKA = KafkaSettings.model_validate({"bootstrap_servers": "kafka:9092"})
NHIS = replace(Routing.of("h.", "nhis"), notifications="h.nhis.notifications")
SPECS = {one.name: one for one in wanted_topics(KAFKA, [NHIS])}
NAMES = {
    Kind.SUBMISSIONS: "h.nhis.submissions",
    Kind.REPLIES: "h.nhis.results",
    Kind.DEAD_LETTERS: "h.nhis.dead-letters",
    Kind.NOTIFICATIONS: "h.nhis.notifications",
}
HOUR, DAY = 3_600_000, 86_400_000
FAIL, WARN, SKIPPED, WELL = Verdict.FAIL, Verdict.WARN, Verdict.SKIPPED, None


def topic(kind=Kind.SUBMISSIONS, *, config=None, **facts):
    spec = SPECS[NAMES[kind]]
    found = {"partitions": 12, "replicas": 3, "in_sync": 3, "config": {**spec.config, **(config or {})}}
    return Topic(kind, spec, TopicFacts(spec.name, **{**found, **facts}), "kafka:9092")


def verdict(rule, one, *, test=False):
    finding = rule(one, test=test)
    return None if finding is None else finding.verdict


RULES = (
    policy.leaders, policy.partitions, policy.replication, policy.min_in_sync, policy.cleanup,
    policy.leader_election, policy.retention, policy.timestamps, policy.largest,
)  # fmt: skip


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("rule", RULES)
def test_a_topic_that_herald_creates_is_well(rule, kind):
    assert rule(topic(kind), test=False) is None


@pytest.mark.parametrize("rule", RULES)
def test_a_topic_whose_settings_are_not_known_is_not_accused(rule):
    unknown = topic()
    unknown = replace(unknown, found=replace(unknown.found, config=None))
    assert rule(unknown, test=False) is None


@pytest.mark.parametrize(
    ("rule", "changed", "expected", "in_a_test"),
    [
        (policy.leaders, {"leaderless": 1}, FAIL, FAIL),
        (policy.leaders, {"in_sync": 2}, WARN, WARN),
        (policy.leaders, {"in_sync": 1}, FAIL, FAIL),  # min.insync.replicas is 2
        (policy.partitions, {"partitions": 1}, WARN, WARN),
        (policy.partitions, {"partitions": 2}, WELL, WELL),
        (policy.replication, {"replicas": 1}, FAIL, WARN),
        (policy.replication, {"replicas": 2}, WARN, WARN),
        (policy.replication, {"replicas": 5}, WELL, WELL),
        (policy.min_in_sync, {"config": {"min.insync.replicas": "1"}}, FAIL, WARN),
        (policy.min_in_sync, {"config": {"min.insync.replicas": "3"}}, WARN, WARN),
        (policy.min_in_sync, {"config": {"min.insync.replicas": "4"}}, FAIL, FAIL),
        (policy.min_in_sync, {"replicas": 1, "config": {"min.insync.replicas": "2"}}, FAIL, FAIL),
        (policy.min_in_sync, {"replicas": 1, "config": {"min.insync.replicas": "1"}}, SKIPPED, SKIPPED),
        (policy.cleanup, {"config": {"cleanup.policy": "compact"}}, FAIL, FAIL),
        (policy.cleanup, {"config": {"cleanup.policy": "compact,delete"}}, FAIL, FAIL),
        (policy.leader_election, {"config": {"unclean.leader.election.enable": "true"}}, FAIL, WARN),
        (policy.retention, {"config": {"retention.ms": str(HOUR)}}, FAIL, WARN),
        (policy.retention, {"config": {"retention.ms": str(DAY)}}, WARN, WARN),
        (policy.retention, {"config": {"retention.ms": str(15 * DAY)}}, WELL, WELL),
        (policy.retention, {"config": {"retention.ms": "-1"}}, WELL, WELL),
        (policy.retention, {"config": {"retention.bytes": "1000"}}, WARN, WARN),
        (policy.retention, {"config": {"retention.bytes": "-1"}}, WELL, WELL),
        (policy.timestamps, {"config": {"message.timestamp.type": "CreateTime"}}, WARN, WARN),
        (policy.largest, {"config": {"max.message.bytes": "1000"}}, WARN, WARN),
    ],
)
def test_submissions(rule, changed, expected, in_a_test):
    assert verdict(rule, topic(**changed)) == expected
    assert verdict(rule, topic(**changed), test=True) == in_a_test


@pytest.mark.parametrize("kind", [Kind.REPLIES, Kind.DEAD_LETTERS])
@pytest.mark.parametrize(
    ("rule", "changed", "expected"),
    [
        (policy.largest, {"config": {"max.message.bytes": "1000"}}, FAIL),
        (policy.cleanup, {"config": {"cleanup.policy": "compact"}}, FAIL),
        (policy.retention, {"config": {"retention.ms": str(HOUR)}}, WARN),
        (policy.retention, {"config": {"retention.bytes": "1000"}}, WELL),
        (policy.timestamps, {"config": {"message.timestamp.type": "CreateTime"}}, WELL),
        (policy.partitions, {"partitions": 1}, WELL),
    ],
)
def test_what_herald_writes(kind, rule, changed, expected):
    assert verdict(rule, topic(kind, **changed)) == expected


def test_the_next_step_is_a_command_with_the_topics_name():
    found = policy.min_in_sync(topic(config={"min.insync.replicas": "1"}), test=False)
    assert found is not None
    assert found.next_step is not None
    assert "--bootstrap-server kafka:9092" in found.next_step
    assert "--entity-name h.nhis.submissions --add-config min.insync.replicas=2" in found.next_step
    assert found.next_step.endswith(IF_TEST)
    tolerated = policy.min_in_sync(topic(config={"min.insync.replicas": "1"}), test=True)
    assert tolerated is not None
    assert IF_TEST not in str(tolerated.next_step)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("UnknownTopicOrPartitionError", "does not exist"),
        ("TopicAuthorizationFailedError", "may not see"),
        ("LeaderNotAvailableError", "LeaderNotAvailableError"),
    ],
)
def test_a_topic_that_is_not_described(error, words):
    (found,) = policy.existence([topic(), topic(Kind.REPLIES, error=error)])
    assert (found.verdict, found.subject, words in found.detail) == (FAIL, "h.nhis.results", True)


def test_topics_that_exist_are_one_line():
    (found,) = policy.existence([topic(), topic(Kind.REPLIES)])
    assert (found.verdict, "2" in found.detail) == (Verdict.OK, True)


def test_settings_that_are_not_shown_are_not_said_to_be_well():
    hidden = replace(topic(), found=replace(topic().found, config=None))
    found = policy.judged([hidden, topic(Kind.REPLIES)], policy.cleanup, "well", test=False)
    assert [one.verdict for one in found] == [SKIPPED]
    assert "1 of 2" in found[0].detail
    shown = policy.judged([hidden], policy.replication, "well", test=False, needs_settings=False)
    assert [one.verdict for one in shown] == [Verdict.OK]


def test_no_topic_is_no_good_news():
    missing = topic(error="UnknownTopicOrPartitionError")
    (found,) = policy.judged([missing], policy.replication, "well", test=False, needs_settings=False)
    assert found.verdict == SKIPPED
