"""What Kafka's client raises, as sentences for operators: what is wrong, and the setting or command to look at."""

from __future__ import annotations

import logging
import socket
import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING

from aiokafka import errors

if TYPE_CHECKING:
    from collections.abc import Iterator

_MISSING = "the topic does not exist, or this login may not see it; `herald topics create` creates the topics"
_BUSY = "Kafka elects a leader or loads its offsets: try again in a few seconds"
_REPLICAS = "fewer replicas are in sync than min.insync.replicas requires"
_TOO_LARGE = "the record is larger than the topic's max.message.bytes"
_LOGIN = "Kafka refuses the login: check kafka.security.username and its password"
_NOT_OFFERED = (
    "this Kafka does not offer a function that Herald needs: it is too old, or it is the embedded Kafka of"
    " `herald demo`, which creates topics on first use and offers no administration"
)
_NO_CONTROLLER = (
    "Kafka has no controller at present: try again in a few seconds. The embedded Kafka of `herald demo` never has"
    " one, and creates topics on first use"
)

# The first kind that fits, so the special ones come before those that they are.
_SENTENCES: tuple[tuple[type[BaseException], str], ...] = (
    (errors.AuthenticationFailedError, _LOGIN),
    (errors.SaslAuthenticationFailed, _LOGIN),
    (
        errors.UnsupportedSaslMechanismError,
        "Kafka does not know this login mechanism: check kafka.security.mechanism",
    ),
    (errors.TopicAuthorizationFailedError, "this login may not use the topic: its ACLs must allow it"),
    (
        errors.GroupAuthorizationFailedError,
        "this login may not use the consumer group: its ACLs must allow it",
    ),
    (
        errors.ClusterAuthorizationFailedError,
        "this login may not do that on the cluster: its ACLs must allow it",
    ),
    (
        errors.TransactionalIdAuthorizationFailed,
        "this login may not use transactions: its ACLs must allow it",
    ),
    (errors.UnknownTopicOrPartitionError, _MISSING),
    (errors.InvalidTopicError, "Kafka does not accept this topic name: check kafka.topic_prefix"),
    (errors.TopicAlreadyExistsError, "the topic exists already"),
    (
        errors.InvalidReplicationFactorError,
        "the cluster has fewer brokers than --replication asks for",
    ),
    (errors.InvalidPartitionsError, "Kafka does not accept this number of partitions"),
    (errors.InvalidConfigurationError, "Kafka does not accept a setting of the topic"),
    (errors.PolicyViolationError, "a policy of the cluster forbids it"),
    (errors.NotEnoughReplicasError, _REPLICAS),
    (errors.NotEnoughReplicasAfterAppendError, _REPLICAS),
    (errors.MessageSizeTooLargeError, _TOO_LARGE),
    (errors.RecordTooLargeError, _TOO_LARGE),
    (errors.RecordListTooLargeError, _TOO_LARGE),
    (errors.LeaderNotAvailableError, _BUSY),
    (errors.NotLeaderForPartitionError, _BUSY),
    (errors.NotControllerError, _NO_CONTROLLER),
    (errors.CoordinatorNotAvailableError, _BUSY),
    (errors.CoordinatorLoadInProgressError, _BUSY),
    (errors.NotCoordinatorError, _BUSY),
    (errors.UnsupportedVersionError, _NOT_OFFERED),
    (errors.IncompatibleBrokerVersion, _NOT_OFFERED),
    (errors.KafkaTimeoutError, "Kafka does not answer in time"),
    (errors.RequestTimedOutError, "Kafka does not answer in time"),
    (TimeoutError, "Kafka does not answer in time"),
    (
        errors.KafkaConnectionError,
        "the connection is closed: check kafka.bootstrap_servers and kafka.security.protocol",
    ),
    (errors.NodeNotReadyError, "the connection is closed: check kafka.bootstrap_servers"),
    (ConnectionRefusedError, "the connection is refused: check that Kafka runs and that the port is correct"),
    (ConnectionResetError, "the server closes the connection: check kafka.security.protocol"),
    (ConnectionAbortedError, "the server closes the connection: check kafka.security.protocol"),
    (socket.gaierror, "there is no such host name"),
)


class NoConnection(errors.KafkaConnectionError):  # type: ignore[misc]  # the library has no types
    """No address of Kafka's works; the text says why of each."""


def sentence(error: BaseException) -> str:
    """Say what happened, without the full stop. Holds nothing of a record, and no secret."""
    if isinstance(error, NoConnection | errors.KafkaConfigurationError):
        return str(error.args[0])
    if isinstance(error, errors.KafkaConnectionError) and isinstance(error.__cause__, ssl.SSLError):
        error = error.__cause__
    if isinstance(error, ssl.SSLError):
        return _of_tls(error)
    for kind, told in _SENTENCES:
        if isinstance(error, kind):
            return told
    if isinstance(error, OSError):
        return f"it cannot be reached ({error.strerror or type(error).__name__})"
    return f"Kafka's client reports {type(error).__name__}"


def _of_tls(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        why = getattr(error, "verify_message", "unknown")
        return f"its TLS certificate is not trusted ({why}): check kafka.security.ca_file"
    why = getattr(error, "reason", None) or "no reason"
    if "ALERT" in why and ("CERTIFICATE" in why or "UNKNOWN_CA" in why):
        return (
            f"Kafka refuses the client certificate ({why}): check kafka.security.cert_file;"
            " Kafka must trust its issuer, and it must not have expired"
        )
    return f"TLS is refused ({why}): check kafka.security.protocol and the certificates"


@contextmanager
def connecting() -> Iterator[None]:
    """Raise NoConnection, with what was wrong at each address, where a client finds no server.

    The client writes the reasons to its log alone: they are taken from there, and do not reach stderr besides.
    """
    heard = _Heard()
    logger = logging.getLogger("aiokafka")
    before = logger.propagate
    logger.addHandler(heard)
    logger.propagate = False
    try:
        yield
    except errors.KafkaConnectionError as error:
        raise NoConnection(heard.told or sentence(error)) from None
    finally:
        logger.removeHandler(heard)
        logger.propagate = before


class _Heard(logging.Handler):
    """Keeps what aiokafka logs of each address: its host, its port and the error."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._by_address: dict[str, BaseException] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Take note of an address that does not work."""
        match record.args:
            case (host, port, BaseException() as error):
                self._by_address[f"{host}:{port}"] = error

    @property
    def told(self) -> str:
        return "; ".join(f"{address}: {sentence(error)}" for address, error in self._by_address.items())
