"""Which right Kafka refuses, as a sentence; and that each is logged once while it lasts."""

from __future__ import annotations

import ssl

import pytest
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)

from worker.kafka.errors import sentence
from worker.kafka.refusals import KEPT, Refusals, explained
from worker.kafka.rights import Operation

TOLD = [
    (
        TopicAuthorizationFailedError("t"),
        Operation.READ,
        {},
        "Kafka refuses Read on topic t: grant it to this login",
    ),
    (
        TopicAuthorizationFailedError({"b", "a"}),
        Operation.WRITE,
        {"topic": "other"},
        "; ".join(f"Kafka refuses Write on topic {name}: grant it to this login" for name in "ab"),
    ),
    (
        TopicAuthorizationFailedError(),
        Operation.WRITE,
        {"topic": "t"},
        "Kafka refuses Write on topic t: grant it to this login",
    ),
    (
        GroupAuthorizationFailedError("g"),
        Operation.WRITE,
        {},
        "Kafka refuses Read on group g: grant it to this login",
    ),
    (
        GroupAuthorizationFailedError(),
        Operation.READ,
        {"group": "g"},
        "Kafka refuses Read on group g: grant it to this login",
    ),
    (
        ClusterAuthorizationFailedError(),
        Operation.WRITE,
        {},
        "Kafka refuses IdempotentWrite on the cluster: grant it to this login, or update Kafka",
    ),
    (
        GroupAuthorizationFailedError("Unable to get coordinator id for g"),
        Operation.READ,
        {"group": "g", "on_group": Operation.DESCRIBE},
        "Kafka refuses Describe on group g: grant it to this login",
    ),
    # Nobody knows the name: the sentence that all commands have.
    (
        TopicAuthorizationFailedError(),
        Operation.READ,
        {},
        "this login may not use the topic: its ACLs must allow it",
    ),
]


@pytest.mark.parametrize(("error", "operation", "about", "told"), TOLD)
def test_it_says_which_right_on_what(error, operation, about, told):
    assert explained(error, operation, **about) == told


def test_what_is_no_refusal_is_told_as_always():
    error = UnknownTopicOrPartitionError("t")
    assert explained(error, Operation.READ, topic="t") == sentence(error)


class TestRefusals:
    def test_each_is_logged_once_while_it_lasts(self, caplog):
        now = [0.0]
        refusals = Refusals(lambda: now[0])
        for _ in range(5):
            refusals.note("one")
            now[0] += KEPT / 2
        refusals.note("two")

        assert refusals.told == "one; two"
        assert [vars(one)["detail"] for one in caplog.records] == ["one", "two"]

    def test_it_is_forgotten_when_it_was_not_seen_for_a_while_and_logged_again_after_that(self, caplog):
        now = [0.0]
        refusals = Refusals(lambda: now[0])
        assert refusals.told is None
        refusals.note("one")
        now[0] = KEPT
        assert refusals.told is None
        refusals.note("one")
        assert len(caplog.records) == 2


@pytest.mark.parametrize(
    "reason",
    ["TLSV1_ALERT_UNKNOWN_CA", "SSLV3_ALERT_CERTIFICATE_UNKNOWN", "TLSV13_ALERT_CERTIFICATE_REQUIRED"],
)
def test_a_connection_that_ends_by_an_alert_about_the_certificate(reason):
    alert = ssl.SSLError(1, reason)
    alert.reason = reason
    error = KafkaConnectionError("Connection at kafka:9093 closed")
    error.__cause__ = alert
    assert sentence(error).startswith(
        f"Kafka refuses the client certificate ({reason}): check kafka.security.cert_file"
    )


def test_a_connection_that_ends_by_another_alert():
    alert = ssl.SSLError(1, "WRONG_VERSION_NUMBER")
    alert.reason = "WRONG_VERSION_NUMBER"
    error = KafkaConnectionError("Connection at kafka:9093 closed")
    error.__cause__ = alert
    assert sentence(error).startswith("TLS is refused (WRONG_VERSION_NUMBER)")
