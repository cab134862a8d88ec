"""Spans of OpenTelemetry behind the worker's own. Only `building` imports this: the packages are optional.

A span that is not sampled has no children: it costs nothing more, and its `traceparent` says that it is not sampled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, Status, StatusCode, TraceFlags

from contracts import attributes as event_attributes
from worker.observability.tracing.span import SpanKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.context import Context

    from worker.observability.tracing.span import Value

_KINDS = {kind: trace.SpanKind[kind.name] for kind in SpanKind}


class OtelSpan:
    """Implements `span.Span`."""

    __slots__ = ("_span", "_tracer")

    def __init__(self, tracer: trace.Tracer, span: trace.Span) -> None:
        self._tracer = tracer
        self._span = span

    @property
    def trace_id(self) -> str:
        """The id of the trace, 32 hexadecimal digits."""
        return f"{self._span.get_span_context().trace_id:032x}"

    @property
    def traceparent(self) -> str:
        """What names this span as the parent of others (W3C Trace Context)."""
        own = self._span.get_span_context()
        return f"00-{own.trace_id:032x}-{own.span_id:016x}-{own.trace_flags:02x}"

    def child(self, name: str, kind: SpanKind) -> OtelSpan:
        """Begin a span inside this one."""
        if not self._span.is_recording():
            return self
        context = trace.set_span_in_context(self._span)
        return OtelSpan(self._tracer, self._tracer.start_span(name, context, _KINDS[kind]))

    def note(self, name: str, value: Value) -> None:
        """Set an attribute."""
        self._span.set_attribute(name, value)

    def event(self, name: str, attributes: Mapping[str, Value]) -> None:
        """Note something that happened at this moment."""
        self._span.add_event(name, attributes)

    def failed(self, kind: str | None = None) -> None:
        """Mark the span as failed. No exception is recorded: its text may quote health data."""
        if kind is not None:
            self._span.set_attribute("error.type", kind)
        self._span.set_status(Status(StatusCode.ERROR))

    def end(self) -> None:
        """End the span."""
        self._span.end()


class OtelTracer:
    """Implements `span.Tracer`."""

    def __init__(self, tracer: trace.Tracer) -> None:
        self._tracer = tracer

    def begin(
        self, name: str, traceparent: str | None, began_ns: int, attributes: Mapping[str, Value]
    ) -> OtelSpan:
        """Begin the span of one record. ``began_ns``: Unix time in nanoseconds."""
        span = self._tracer.start_span(
            name,
            _parent(traceparent),
            trace.SpanKind.CONSUMER,
            attributes=attributes,
            start_time=began_ns,
        )
        return OtelSpan(self._tracer, span)


def _parent(traceparent: str | None) -> Context:
    """Return the context of a trace parent; an empty one, which begins a trace, where it is none or a wrong one."""
    valid = event_attributes.traceparent(traceparent)
    if valid is None:
        return trace.set_span_in_context(trace.INVALID_SPAN)
    _, trace_id, span_id, flags = valid.split("-")
    sampled = TraceFlags(int(flags, 16) & TraceFlags.SAMPLED)
    remote = SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=sampled)
    return trace.set_span_in_context(NonRecordingSpan(remote))
