"""Every exception of Kafka's client is a sentence that says what to look at."""

from __future__ import annotations

import inspect
import logging
import socket
import ssl

import pytest
from aiokafka import errors

from worker.kafka.errors import NoConnection, connecting, sentence

KINDS = sorted(
    (one for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, errors.KafkaError)),
    key=lambda one: one.__name__,
)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (errors.AuthenticationFailedError("secret"), "kafka.security.username"),
        (errors.SaslAuthenticationFailed("secret"), "kafka.security.username"),
        (errors.UnsupportedSaslMechanismError(), "kafka.security.mechanism"),
        (errors.TopicAuthorizationFailedError("herald.nhis.results"), "may not use the topic"),
        (errors.GroupAuthorizationFailedError("herald-worker.nhis"), "may not use the consumer group"),
        (errors.ClusterAuthorizationFailedError(), "ACLs"),
        (errors.UnknownTopicOrPartitionError(), "`herald topics create`"),
        (errors.InvalidReplicationFactorError(), "--replication"),
        (errors.NotEnoughReplicasError(), "min.insync.replicas"),
        (errors.MessageSizeTooLargeError(), "max.message.bytes"),
        (errors.KafkaTimeoutError(), "in time"),
        (TimeoutError(), "in time"),
        (errors.KafkaConnectionError(), "kafka.bootstrap_servers"),
        (errors.LeaderNotAvailableError(), "try again"),
        (errors.KafkaConfigurationError("the TLS files cannot be used"), "the TLS files cannot be used"),
        (ConnectionRefusedError(111, "Connection refused"), "refused"),
        (socket.gaierror(-2, "Name or service not known"), "no such host name"),
        (ConnectionResetError(104, "Connection reset by peer"), "kafka.security.protocol"),
        (OSError(113, "No route to host"), "No route to host"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"), "kafka.security.protocol"),
    ],
)
def test_a_sentence_says_what_to_look_at(error, words):
    assert words in sentence(error)
    assert "secret" not in sentence(error)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_a_sentence_without_what_it_holds(kind):
    told = sentence(kind("patient-7")) if kind is not errors.KafkaConfigurationError else sentence(kind("x"))
    assert told
    assert not told.endswith(".")
    assert "patient-7" not in told


def test_each_address_that_does_not_work_is_reported_and_nothing_is_logged_besides(caplog):
    client = logging.getLogger("aiokafka.client")
    said = 'Unable connect to "%s:%s": %s'

    def start():
        client.error(said, "kafka-1", 9092, ConnectionRefusedError(111, "Connection refused"))
        client.error(said, "kafka-2", 9092, errors.AuthenticationFailedError("secret"))
        client.warning("something else")
        raise errors.KafkaConnectionError("Unable to bootstrap")

    with pytest.raises(NoConnection) as raised, connecting():
        start()
    told = sentence(raised.value)
    assert told.startswith("kafka-1:9092: the connection is refused")
    assert "kafka-2:9092: Kafka refuses the login" in told
    assert "secret" not in told
    assert caplog.records == []


def test_another_error_stays_what_it_is():
    with pytest.raises(errors.TopicAuthorizationFailedError), connecting():
        raise errors.TopicAuthorizationFailedError("herald.nhis.results")
    with connecting():
        pass
