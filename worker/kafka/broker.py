"""FastStream's broker, with which a worker consumes. Apart from the other clients, so that commands do not load it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from faststream.kafka import KafkaBroker
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from worker.kafka.clients import CLIENT_ID, readable

if TYPE_CHECKING:
    import ssl

    from worker.kafka.settings import KafkaSecurity, KafkaSettings


def make_broker(settings: KafkaSettings) -> KafkaBroker:
    """Make the FastStream broker of intake; it only consumes, so it needs no write access."""
    return KafkaBroker(
        list(settings.bootstrap_servers),
        client_id=CLIENT_ID,
        consumer_only=True,
        allow_auto_create_topics=False,
        apply_types=False,
        security=_faststream_security(settings.security),
        logger=logging.getLogger("faststream"),
    )


def _faststream_security(security: KafkaSecurity) -> BaseSecurity:
    context: ssl.SSLContext | None = readable("the TLS files", security.ssl_context)
    if not security.logs_in:
        return BaseSecurity(ssl_context=context, use_ssl=security.encrypted)
    kind = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}[
        security.mechanism or "PLAIN"
    ]
    return kind(
        username=security.username or "",
        password=readable("the password's file", security.login_password) or "",
        ssl_context=context,
        use_ssl=security.encrypted,
    )
