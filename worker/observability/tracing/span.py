"""A span as the worker's parts see it. No library appears here, so that a worker runs without OpenTelemetry.

Attributes hold what is bounded or belongs to the installation: systems, operations, outcomes, reason codes, topics,
host names. None may ever hold a Kafka key, an id, a source, a signer, a path of an address, or an exception's text.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Value: TypeAlias = str | int | float | bool


class SpanKind(Enum):
    """What a span is about, as OpenTelemetry classifies it."""

    INTERNAL = "internal"
    CLIENT = "client"
    PRODUCER = "producer"
    CONSUMER = "consumer"


class Span(Protocol):
    """A part of a trace that has begun. No method raises or waits."""

    @property
    def trace_id(self) -> str:
        """The id of the trace, 32 hexadecimal digits."""

    @property
    def traceparent(self) -> str:
        """What names this span as the parent of others (W3C Trace Context)."""

    def child(self, name: str, kind: SpanKind) -> Span:
        """Begin a span inside this one."""

    def note(self, name: str, value: Value) -> None:
        """Set an attribute."""

    def event(self, name: str, attributes: Mapping[str, Value]) -> None:
        """Note something that happened at this moment."""

    def failed(self, kind: str | None = None) -> None:
        """Mark the span as failed; ``kind`` names a type or a reason code, never a text."""

    def end(self) -> None:
        """End the span."""


class Tracer(Protocol):
    """Begins the traces of a worker, or continues those of its senders."""

    def begin(
        self, name: str, traceparent: str | None, began_ns: int, attributes: Mapping[str, Value]
    ) -> Span:
        """Begin the span of one record. ``began_ns``: Unix time in nanoseconds."""
