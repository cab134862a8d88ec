"""Kafka clients made from the settings: durable by default, whatever their libraries' defaults are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.kafka.settings import KafkaSettings

T = TypeVar("T")

CLIENT_ID = "herald"
LINGER_MS = 2
"""Replies of submissions that end together are sent in one request."""
BATCH_BYTES = 512 * 1024
"""Of one partition. Where a batch is full, a reply waits for the next one, which costs more than the reply itself."""
REQUEST_ROOM = 64 * 1024
"""Bytes of a produce request besides the value: key, headers, framing."""


def make_producer(settings: KafkaSettings) -> AIOKafkaProducer:
    """Make the producer of replies and dead letters: acknowledged by all in-sync replicas, idempotent."""
    # A dead letter carries the record as it came, which may be larger than the largest event that is taken; of one
    # that is far larger the value stays in the journal, before the client copies it several times.
    largest = max(4 * int(settings.max_event_bytes), int(settings.max_reply_bytes)) + REQUEST_ROOM
    return AIOKafkaProducer(
        acks="all",
        enable_idempotence=True,
        linger_ms=LINGER_MS,
        max_batch_size=BATCH_BYTES,
        max_request_size=largest,
        **connection_arguments(settings),
    )


def connection_arguments(settings: KafkaSettings) -> dict[str, Any]:
    """Return what every aiokafka client needs to reach Kafka. Raises KafkaConfigurationError."""
    security = settings.security
    given: dict[str, Any] = {
        "bootstrap_servers": list(settings.bootstrap_servers),
        "client_id": CLIENT_ID,
        "security_protocol": security.protocol.upper(),
        "ssl_context": readable("the TLS files", security.ssl_context),
    }
    if security.logs_in:
        given |= {
            "sasl_mechanism": security.mechanism,
            "sasl_plain_username": security.username,
            "sasl_plain_password": readable("the password's file", security.login_password),
        }
    return given


def readable(what: str, read: Callable[[], T]) -> T:
    """Return what the files of the settings hold. Raises KafkaConfigurationError, without their content."""
    try:
        return read()
    except (OSError, ValueError) as error:  # the TLS library's errors among them
        why = getattr(error, "reason", None) or getattr(error, "strerror", None) or type(error).__name__
        raise KafkaConfigurationError(f"{what} of kafka.security cannot be used ({why})") from None
