"""What one record went through in this worker: how long each part took, and its spans where tracing is on.

The journey is that of the current task. A part that runs in no journey (a probe, a renewal of a token) is not followed.
"""

from __future__ import annotations

import time
from contextvars import ContextVar
from typing import TYPE_CHECKING

from worker.observability.tracing.span import SpanKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from worker.observability.tracing.span import Span, Tracer, Value


class Journey:
    """One record's way: `seconds` of each part, `facts` for its log line, and the span that is open at present."""

    __slots__ = ("_began", "_monotonic", "_wall_ns", "facts", "root", "seconds", "span")

    def __init__(self, monotonic: Callable[[], float], wall_ns: Callable[[], int] = time.time_ns) -> None:
        self._monotonic = monotonic
        self._began = monotonic()
        self._wall_ns = wall_ns()
        self.seconds: dict[str, float] = {}
        self.facts: dict[str, str | int] = {}
        self.root: Span | None = None
        self.span: Span | None = None

    @property
    def total(self) -> float:
        """Seconds since its beginning."""
        return self._monotonic() - self._began

    def trace(self, tracer: Tracer, name: str, traceparent: str | None, attributes: dict[str, Value]) -> None:
        """Begin its trace, from the beginning of the journey on."""
        self.root = self.span = tracer.begin(name, traceparent, self._wall_ns, attributes)

    def took(self, part: str, seconds: float) -> None:
        """Add to the time of a part, which may come several times."""
        self.seconds[part] = self.seconds.get(part, 0.0) + seconds


_current: ContextVar[Journey | None] = ContextVar("journey", default=None)


class following:  # noqa: N801 - used as a function
    """Make this the journey of the current task meanwhile; its trace ends with it."""

    __slots__ = ("_journey", "_token")

    def __init__(self, journey: Journey) -> None:
        self._journey = journey

    def __enter__(self) -> None:
        self._token = _current.set(self._journey)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _current.reset(self._token)
        if (root := self._journey.root) is not None:
            if kind is not None:
                root.failed(kind.__name__)
            root.end()


def current() -> Journey | None:
    """Return the journey of the current task."""
    return _current.get()


def note(**facts: str | int | None) -> None:
    """Add facts to the current journey's log line; those that are None are left out."""
    if (journey := _current.get()) is not None:
        journey.facts.update({name: fact for name, fact in facts.items() if fact is not None})


def span_note(name: str, value: Value | None) -> None:
    """Set an attribute of the span that is open at present, unless it is None."""
    journey = _current.get()
    if journey is not None and journey.span is not None and value is not None:
        journey.span.note(name, value)


class traced:  # noqa: N801 - used as a function
    """A context manager that puts what is done inside it into a span of its own, where the record is traced."""

    __slots__ = ("_journey", "_kind", "_name", "_parent")

    def __init__(self, name: str, kind: SpanKind = SpanKind.INTERNAL) -> None:
        self._name = name
        self._kind = kind
        self._journey: Journey | None = None
        self._parent: Span | None = None

    def __enter__(self) -> Span | None:
        journey = _current.get()
        if journey is None or journey.span is None:
            return None
        self._journey, self._parent = journey, journey.span
        journey.span = span = self._parent.child(self._name, self._kind)
        return span

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        journey = self._journey
        if journey is None:
            return
        span, journey.span = journey.span, self._parent
        if span is not None:
            if kind is not None:
                span.failed(kind.__name__)
            span.end()
