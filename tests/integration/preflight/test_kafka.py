"""The checks of Kafka, each with the fault that it is for, on a real broker."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from datetime import UTC, datetime, timedelta

import pytest
from aiokafka import AIOKafkaProducer
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)

from tests.support.kafka.cluster import Cluster, free_ports
from worker.admin.preflight import runner
from worker.admin.preflight.clocks import ClockChecks
from worker.admin.preflight.findings import Verdict
from worker.admin.preflight.kafka import KafkaChecks
from worker.admin.topics import create_topics
from worker.kafka.cluster_state import BrokerAddress
from worker.kafka.record_times import stamped_after
from worker.settings.load import load

OK, WARN, FAIL, SKIPPED = Verdict.OK, Verdict.WARN, Verdict.FAIL, Verdict.SKIPPED
TOPICS = ("submissions", "results", "errors", "dead-letters")


def now():
    return datetime.now(UTC)


@pytest.fixture
def settings_for(tmp_path):
    def make(bootstrap, prefix="herald.", **kafka):
        path = tmp_path / "herald.yaml"
        document = {
            "kafka": {"bootstrap_servers": bootstrap, "topic_prefix": prefix, **kafka},
            "intake": {"group_id": f"{prefix}workers"},
            "systems": {"nhis": {}},
        }
        path.write_text(json.dumps(document), encoding="utf-8")
        return load(path, {"HERALD_JOURNAL__DSN": "postgresql://nobody@127.0.0.1:1/none"})

    return make


async def checked(settings, *, test=False, seconds=10.0):
    checks = KafkaChecks(settings, test=test, seconds=seconds / 2)
    results = await runner.run(checks.all(), seconds=seconds)
    return [(one.id.removeprefix("kafka."), one.verdict, one.subject, one) for one in results]


def of(found, name):
    """Return verdict, subject's end and sentence of each finding of a check."""
    return [
        (verdict, (subject or "").rpartition(".")[2], one.detail)
        for check, verdict, subject, one in found
        if check == name
    ]


async def test_topics_as_herald_creates_them_are_well_but_for_a_broker_alone(
    kafka, topic_prefix, settings_for
):
    settings = settings_for(kafka.bootstrap, topic_prefix)
    assert not (await create_topics(settings, replication=1)).refused
    found = await _until_only_one_is_missing(settings)  # one line: that all exist
    by_check = {name: {verdict for check, verdict, *_ in found if check == name} for name, *_ in found}
    assert by_check.pop("topics.replication") == {FAIL}
    assert by_check.pop("topics.min-insync") == {SKIPPED}  # one replica is said once
    assert set().union(*by_check.values()) == {OK}
    tolerated = await checked(settings, test=True)
    assert {verdict for verdict, *_ in of(tolerated, "topics.replication")} == {WARN}


async def test_each_setting_that_breaks_a_promise_is_a_line_of_its_own(kafka, topic_prefix, settings_for):
    settings = settings_for(kafka.bootstrap, topic_prefix)
    wrong = {
        "submissions": {
            "cleanup.policy": "compact",
            "retention.ms": "3600000",
            "message.timestamp.type": "CreateTime",
        },
        "results": {"max.message.bytes": "1000", "min.insync.replicas": "2"},
        "errors": {"unclean.leader.election.enable": "true"},
    }
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
    made = admin.create_topics(
        [
            NewTopic(f"{topic_prefix}nhis.{name}", num_partitions=1, replication_factor=1, config=config)
            for name, config in wrong.items()
        ]
    )
    for one in made.values():
        one.result(30)

    found = await _until_only_one_is_missing(settings)
    (missing,) = of(found, "topics.exist")
    assert missing[:2] == (FAIL, "dead-letters")
    step = next(one for check, *_, one in found if check == "topics.exist").next_step
    assert "herald topics create" in step
    assert [one[:2] for one in of(found, "topics.cleanup")] == [(FAIL, "submissions")]
    assert (FAIL, "submissions") in [one[:2] for one in of(found, "topics.retention")]
    assert [one[:2] for one in of(found, "topics.timestamps")] == [(WARN, "submissions")]
    assert (FAIL, "results") in [one[:2] for one in of(found, "topics.max-message")]
    assert (FAIL, "results") in [one[:2] for one in of(found, "topics.min-insync")]
    assert [one[:2] for one in of(found, "topics.leader-election")] == [(FAIL, "errors")]
    assert [one[:2] for one in of(found, "topics.partitions")] == [(WARN, "submissions")]


async def _until_only_one_is_missing(settings):
    """A broker learns of a new topic a moment after the controller has made it."""
    end = time.monotonic() + 15
    while True:
        found = await checked(settings)
        if len(of(found, "topics.exist")) == 1:
            return found
        assert time.monotonic() < end, found
        await asyncio.sleep(0.2)


async def test_looking_creates_no_topic(kafka, topic_prefix, settings_for):
    assert [
        one[0] for one in of(await checked(settings_for(kafka.bootstrap, topic_prefix)), "topics.exist")
    ] == [FAIL] * 4
    topics = AdminClient({"bootstrap.servers": kafka.bootstrap}).list_topics(timeout=10).topics
    assert not [name for name in topics if name.startswith(topic_prefix)]


@pytest.mark.parametrize(
    ("security", "words"),
    [({}, "the connection is refused"), ({"security": {"protocol": "ssl"}}, "refused")],
)
async def test_an_address_without_kafka_is_one_failure(settings_for, security, words):
    (port,) = free_ports(1)
    found = await checked(settings_for(f"127.0.0.1:{port},no-such-host.invalid:9092", **security))
    ((verdict, _, told),) = of(found, "connect")
    assert (verdict, words in told, "no such host name" in told) == (FAIL, True, True)
    assert {verdict for check, verdict, *_ in found if check != "connect"} == {SKIPPED}


async def test_tls_towards_a_listener_without_it_is_named(kafka, settings_for):
    found = await checked(settings_for(kafka.bootstrap, security={"protocol": "ssl"}))
    ((verdict, _, told),) = of(found, "connect")
    assert (verdict, "kafka.security.protocol" in told) == (FAIL, True)


async def test_a_broker_that_never_answers_is_one_failure_in_time(settings_for):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begin = time.monotonic()
        found = await checked(settings_for(f"127.0.0.1:{silent.getsockname()[1]}"), seconds=2)
    assert time.monotonic() - begin < 5
    assert of(found, "connect")[0][0] == FAIL
    assert {verdict for check, verdict, *_ in found if check != "connect"} == {SKIPPED}


async def test_records_of_the_future_show_another_clock(kafka, topic_prefix, settings_for):
    settings = settings_for(kafka.bootstrap, topic_prefix)
    await create_topics(settings, replication=1, partitions=2)
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap)
    await producer.start()
    ahead = now() + timedelta(minutes=10)
    results = f"{topic_prefix}nhis.results"
    await producer.send_and_wait(results, b"x", key=b"k", timestamp_ms=round(ahead.timestamp() * 1000))
    await producer.send_and_wait(f"{topic_prefix}nhis.errors", b"x", key=b"k")
    await producer.stop()
    names = {f"{topic_prefix}nhis.{name}": 2 for name in TOPICS}
    found = await stamped_after(settings.kafka, names, now() + timedelta(seconds=5))
    assert set(found) == {results}
    assert abs(found[results] - ahead) < timedelta(seconds=1)
    kafka_checks = KafkaChecks(settings, test=True, seconds=5)
    clocks = ClockChecks(settings.kafka, kafka_checks, None, now)
    (told,) = await clocks._records()
    assert (told.verdict, told.subject) == (WARN, results)


@pytest.fixture(scope="module")
def guarded(kafka_distribution, tmp_path_factory):
    """A broker with ACLs, whose address the last test of this module spoils."""
    with Cluster(kafka_distribution, tmp_path_factory.mktemp("guarded"), acls=True) as cluster:
        yield cluster


def rule(kind, name, operation, permission=AclPermissionType.DENY):
    return AclBinding(kind, name, ResourcePatternType.LITERAL, "User:ANONYMOUS", "*", operation, permission)


async def test_each_right_that_is_lacking_is_named(guarded, settings_for):
    settings = settings_for(guarded.bootstrap)
    await create_topics(settings, replication=1, partitions=2)
    assert [one[0] for one in of(await checked(settings), "rights.topics")] == [OK]
    assert [one[0] for one in of(await checked(settings), "rights.groups")] == [OK]
    topic, group = ResourceType.TOPIC, ResourceType.GROUP
    denied = [
        rule(topic, "herald.nhis.submissions", AclOperation.READ),
        rule(topic, "herald.nhis.results", AclOperation.WRITE),
        rule(topic, "herald.nhis.errors", AclOperation.DESCRIBE_CONFIGS),
        rule(topic, "herald.nhis.dead-letters", AclOperation.ALL),
        rule(group, "herald.workers.nhis", AclOperation.READ),
    ]
    admin = AdminClient({"bootstrap.servers": guarded.bootstrap})
    for one in admin.create_acls(denied).values():
        one.result(30)
    # Once a resource has a rule, nobody may do what no rule allows: give back what is not denied.
    given = [
        rule(topic, f"herald.nhis.{name}", AclOperation.ALL, AclPermissionType.ALLOW)
        for name in ("submissions", "results", "errors")
    ]
    for one in admin.create_acls(
        [*given, rule(group, "herald.workers.nhis", AclOperation.ALL, AclPermissionType.ALLOW)]
    ).values():
        one.result(30)

    found = await _until_denied(settings)
    assert [one[:2] for one in of(found, "topics.exist")] == [(FAIL, "dead-letters")]
    assert "may not see" in of(found, "topics.exist")[0][2]
    rights = {subject: told for _, subject, told in of(found, "rights.topics")}
    assert set(rights) == {"submissions", "results"}
    assert ("Read" in rights["submissions"], "Write" in rights["results"]) == (True, True)
    assert [one[0] for one in of(found, "rights.groups")] == [FAIL]
    hidden = of(found, "topics.cleanup")
    assert [one[0] for one in hidden] == [SKIPPED]
    assert "1 of 3" in hidden[0][2]


async def _until_denied(settings):
    end = time.monotonic() + 15
    while True:
        found = await checked(settings)
        if [one[0] for one in of(found, "rights.groups")] == [FAIL] and len(of(found, "rights.topics")) == 2:
            return found
        assert time.monotonic() < end, found
        await asyncio.sleep(0.2)


async def test_an_advertised_address_that_leads_nowhere_is_named(guarded, settings_for):
    (broker,), (port,) = guarded.brokers, free_ports(1)
    right = guarded.bootstrap
    text = broker.configuration.read_text()
    assert f"advertised.listeners=CLIENT://{right}" in text
    broker.configuration.write_text(
        text.replace(
            f"advertised.listeners=CLIENT://{right}", f"advertised.listeners=CLIENT://127.0.0.1:{port}"
        )
    )
    await asyncio.to_thread(broker.kill9)
    broker.start()
    await asyncio.to_thread(broker.wait_ready)
    found = await checked(settings_for(right))
    assert of(found, "connect")[0][0] == OK
    (told,) = [one for check, _, __, one in found if check == "advertised-addresses"]
    assert (told.verdict, told.subject) == (FAIL, BrokerAddress(1, "127.0.0.1", port).told)
    assert "the connection is refused" in told.detail
    assert "advertised.listeners" in told.next_step
