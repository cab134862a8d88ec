"""The counters and histograms of one worker, in a registry of its own: several workers may run in one process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    ProcessCollector,
    disable_created_metrics,
)

from worker.observability.metrics import declared
from worker.observability.metrics.histograms import LoopHistogram
from worker.observability.metrics.metric import Kind, Metric, ReadFrom
from worker.observability.metrics.readings import Readings

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.observability.metrics.readings import Source

# A second series for each counter, which only tells when the process began to count.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Instruments:
    """Everything that one worker measures. `registry` is what a scrape shows."""

    def __init__(self, metrics: tuple[Metric, ...] = declared.ALL) -> None:
        self.registry = CollectorRegistry()
        moved = [one for one in metrics if one.read_from is ReadFrom.EVENT]
        self._counters = {one.name: self._counter(one) for one in moved if one.kind is Kind.COUNTER}
        self._histograms = {one.name: LoopHistogram(one) for one in moved if one.kind is Kind.HISTOGRAM}
        self._readings = Readings()
        for collector in (*self._histograms.values(), self._readings):
            self.registry.register(collector)
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)

    def read(self, source: Source) -> None:
        """Let a source give values at each scrape."""
        self._readings.add(source)

    def take_readings(self) -> None:
        """Ask the sources now, on the event loop; the next scrape shows what they say."""
        self._readings.take()

    def counter(self, metric: Metric, *values: str) -> Callable[[], None]:
        """Return what counts one more of these label values. Raises ValueError for a value that is not in its set."""
        found = self._counters[metric.name]
        return found.labels(*checked(metric, values)).inc if values else found.inc

    def histogram(self, metric: Metric, *values: str) -> Callable[[float], None]:
        """Return what observes a value of these label values, on the event loop alone.

        Raises ValueError for a value that is not in its set.
        """
        return self._histograms[metric.name].of(*checked(metric, values)).observe

    def _counter(self, metric: Metric) -> Counter:
        return Counter(metric.name, metric.help, metric.label_names, registry=self.registry)


def checked(metric: Metric, values: tuple[str, ...]) -> tuple[str, ...]:
    """Return the label values. Raises ValueError where one is not in its label's set, or one is missing."""
    for label, value in zip(metric.labels, values, strict=True):
        if not label.allows(value):
            raise ValueError(f"{metric.name}: the label {label.name} does not take this value")
    return values
