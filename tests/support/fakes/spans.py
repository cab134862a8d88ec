"""A tracer that keeps its spans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from worker.observability.tracing.span import SpanKind, Value


@dataclass
class FakeSpan:
    """One span."""

    name: str
    parent: FakeSpan | None
    spans: list[FakeSpan] = field(repr=False)
    kind: SpanKind = SpanKind.CONSUMER
    trace_id: str = "a" * 32
    attributes: dict[str, Value] = field(default_factory=dict)
    events: list[tuple[str, Mapping[str, Value]]] = field(default_factory=list)
    error: str | None = None
    ended: bool = False

    @property
    def traceparent(self) -> str:
        return f"00-{self.trace_id}-{self.spans.index(self) + 1:016x}-01"

    def child(self, name: str, kind: SpanKind) -> FakeSpan:
        self.spans.append(FakeSpan(name, self, self.spans, kind))
        return self.spans[-1]

    def note(self, name: str, value: Value) -> None:
        self.attributes[name] = value

    def event(self, name: str, attributes: Mapping[str, Value]) -> None:
        self.events.append((name, attributes))

    def failed(self, kind: str | None = None) -> None:
        self.error = kind or "failed"

    def end(self) -> None:
        assert not self.ended
        self.ended = True


@dataclass
class Spans:
    """Begins traces."""

    spans: list[FakeSpan] = field(default_factory=list)
    parents: list[str | None] = field(default_factory=list)

    def begin(
        self, name: str, traceparent: str | None, began_ns: int, attributes: Mapping[str, Value]
    ) -> FakeSpan:
        self.parents.append(traceparent)
        self.spans.append(FakeSpan(name, None, self.spans, attributes=dict(attributes)))
        return self.spans[-1]

    def tree(self) -> list[tuple[str, str, str | None]]:
        """Each span with the name of its parent, and its error."""
        return [(one.name, one.parent.name if one.parent else "", one.error) for one in self.spans]
