"""The stages of a submission's way: each is measured for the metrics, for the log line, and in a span."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.observability.journey import current, traced
from worker.observability.metrics.labels import Stage
from worker.observability.tracing.span import SpanKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from worker.observability.tracing.span import Span
    from worker.pipeline.meter import Meter

_KINDS = {Stage.EXCHANGE: SpanKind.CLIENT}


class Stages:
    """Measures stages of one system's submissions by ``monotonic``, in seconds."""

    def __init__(self, meter: Meter, monotonic: Callable[[], float]) -> None:
        self._meter = meter
        self._monotonic = monotonic

    def timed(self, stage: Stage) -> TimedStage:
        """Return a context manager that measures a stage, whatever its end."""
        return TimedStage(stage, self._meter, self._monotonic)


class TimedStage:
    """Measures what is done inside it, and gives its span."""

    __slots__ = ("_began", "_journey", "_meter", "_monotonic", "_stage", "_traced")

    def __init__(self, stage: Stage, meter: Meter, monotonic: Callable[[], float]) -> None:
        self._stage = stage
        self._meter = meter
        self._monotonic = monotonic
        self._traced: traced | None = None
        self._began = 0.0

    def __enter__(self) -> Span | None:
        self._began = self._monotonic()
        self._journey = journey = current()
        if journey is None or journey.span is None:
            return None
        self._traced = traced(self._stage.value, _KINDS.get(self._stage, SpanKind.INTERNAL))
        return self._traced.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._traced is not None:
            self._traced.__exit__(kind, error, trace)
        seconds = self._monotonic() - self._began
        self._meter.took(self._stage, seconds)
        if self._journey is not None:
            self._journey.took(self._stage, seconds)
