"""What is wrong with brokers, versions and rights."""

from __future__ import annotations

import pytest

from worker.admin.preflight import kafka_policy as policy
from worker.admin.preflight.findings import Verdict
from worker.kafka.cluster_state import NOT_TOLD, BrokerAddress, ClusterFacts, operations_in
from worker.kafka.rights import Operation, Resource, Right

BROKERS = (BrokerAddress(1, "a", 9092), BrokerAddress(2, "b", 9092))
NEW = {3: 13, 22: 5, 15: 6, 32: 4, 9: 9}
READ = Right(Resource.TOPIC, "t", (Operation.READ, Operation.DESCRIBE))


def test_each_address_that_does_not_work_is_a_failure_of_its_own():
    assert [one.verdict for one in policy.advertised(BROKERS, {}, ["a:9092"])] == [Verdict.OK]
    (found,) = policy.advertised(BROKERS, {2: "the connection is refused"}, ["a:9092"])
    assert (found.verdict, found.subject) == (Verdict.FAIL, "b:9092")
    assert "advertised.listeners" in str(found.next_step)


@pytest.mark.parametrize(
    ("versions", "verdict"),
    [(NEW, Verdict.OK), (NEW | {3: 9}, Verdict.FAIL), ({3: 13}, Verdict.FAIL), ({}, Verdict.FAIL)],
)
def test_versions(versions, verdict):
    (found,) = policy.versions(ClusterFacts("c", "a:9092", BROKERS, versions))
    assert found.verdict == verdict


@pytest.mark.parametrize(
    ("allowed", "verdict", "words"),
    [
        ({"t": frozenset({Operation.READ})}, Verdict.OK, "rights"),  # Kafka derives Describe
        ({"t": frozenset({Operation.DESCRIBE})}, Verdict.FAIL, "may not Read"),
        ({"t": frozenset({Operation.CREATE})}, Verdict.FAIL, "may not Read and Describe"),
        ({"t": frozenset()}, Verdict.FAIL, "may not Read and Describe"),
        ({"t": None}, Verdict.SKIPPED, "does not say"),
        ({}, Verdict.SKIPPED, "does not say"),
    ],
)
def test_rights(allowed, verdict, words):
    (found,) = policy.rights([READ], allowed, "herald", "k:9092")
    assert (found.verdict, words in found.detail) == (verdict, True)


def test_a_right_that_is_lacking_comes_with_the_command_that_grants_it():
    group = Right(Resource.GROUP, "g", (Operation.READ,))
    (found,) = policy.rights([group], {"g": frozenset()}, "herald", "k:9092")
    wanted = "kafka-acls.sh --bootstrap-server k:9092 --add --allow-principal User:herald --operation Read --group g"
    assert wanted in str(found.next_step)


@pytest.mark.parametrize(
    ("bits", "operations"),
    [
        (NOT_TOLD, None),
        (0, frozenset()),
        (1 << 3 | 1 << 8, {Operation.READ, Operation.DESCRIBE}),
        (1 << 4 | 1 << 10 | 1 << 5, {Operation.WRITE, Operation.DESCRIBE_CONFIGS, Operation.CREATE}),
        (1 << 6, frozenset()),
    ],
)
def test_bits_are_read_as_kafka_writes_them(bits, operations):
    assert operations_in(bits) == operations
