"""Rights that Kafka refuses to this login: which right, on which topic or group, as sentences for operators."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
)

from worker.kafka.errors import sentence
from worker.kafka.rights import Operation, Resource

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

REFUSED = (TopicAuthorizationFailedError, GroupAuthorizationFailedError, ClusterAuthorizationFailedError)
KEPT = 10.0
"""Seconds for which a refusal is told after it was seen last: Kafka's client asks again at least as often."""


def refused_right(right: str, resource: Resource, name: str) -> str:
    """Say which right is missing, without the full stop."""
    return f"Kafka refuses {right} on {resource} {name}: grant it to this login"


def explained(
    error: BaseException,
    operation: Operation,
    *,
    topic: str | None = None,
    group: str | None = None,
    on_group: Operation = Operation.READ,
) -> str:
    """Say what happened, without the full stop; of a refusal, which right on what.

    ``operation``: what was done to a topic; ``on_group``: to a group. ``topic`` and ``group`` are what it was about,
    where the error does not name it.
    """
    if isinstance(error, TopicAuthorizationFailedError) and (names := _named(error) or _given(topic)):
        return "; ".join(refused_right(operation, Resource.TOPIC, name) for name in names)
    if isinstance(error, GroupAuthorizationFailedError) and (names := _named(error) or _given(group)):
        return "; ".join(refused_right(on_group, Resource.GROUP, name) for name in names)
    if isinstance(error, ClusterAuthorizationFailedError):
        # Asked for by an idempotent producer, of brokers before Kafka 3.0.
        return "Kafka refuses IdempotentWrite on the cluster: grant it to this login, or update Kafka"
    return sentence(error)


def _named(error: BaseException) -> list[str]:
    """Return the names that Kafka's client puts into its error: one, a set of them, or a sentence about them."""
    named = error.args[0] if error.args else None
    if isinstance(named, str):
        return [] if " " in named else [named]
    return sorted(named) if isinstance(named, set | frozenset) else []


def _given(name: str | None) -> list[str]:
    return [] if name is None else [name]


class Refusals:
    """What is refused at present, each told once in the log while it lasts."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._seen: dict[str, float] = {}

    def note(self, told: str) -> None:
        """Take note of a refusal that was met now."""
        self._forget()
        if told not in self._seen:
            log.error("Kafka refuses a right", extra={"detail": told})
        self._seen[told] = self._monotonic()

    @property
    def told(self) -> str | None:
        """Say what is refused, or None."""
        self._forget()
        return "; ".join(self._seen) or None

    def _forget(self) -> None:
        now = self._monotonic()
        self._seen = {told: at for told, at in self._seen.items() if now - at < KEPT}
