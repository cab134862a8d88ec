"""Histograms that are moved nine times for each submission: an addition each, and the rest at the scrape.

The library's own `Histogram` takes two locks for each value. These are moved on the event loop alone, and need none.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING

from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from worker.observability.metrics.metric import Metric


class Buckets:
    """What was observed for one set of label values."""

    __slots__ = ("_bounds", "_counts", "_sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        """``bounds``: the buckets' upper bounds, which belong to them, in ascending order, without the infinite one."""
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(self._bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        """Count a value."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def read(self) -> tuple[list[tuple[str, float]], float]:
        """Return how many values are at most each bound, by the bound as Prometheus writes it, and their sum."""
        bounds = (*self._bounds, float("inf"))
        return list(zip(map(floatToGoString, bounds), accumulate(self._counts), strict=True)), self._sum


class LoopHistogram(Collector):
    """One metric of the event loop: a histogram for each set of label values that was asked for."""

    def __init__(self, metric: Metric) -> None:
        self._metric = metric
        self._children: dict[tuple[str, ...], Buckets] = {}
        if not metric.labels:
            self.of()

    def of(self, *values: str) -> Buckets:
        """Return the histogram of these label values, which is shown from now on."""
        found = self._children.get(values)
        if found is None:
            found = self._children[values] = Buckets(self._metric.buckets)
        return found

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """Yield the metric as `prometheus_client` wants it; the scrape calls this in a thread."""
        family = HistogramMetricFamily(self._metric.name, self._metric.help, labels=self._metric.label_names)
        for values, buckets in list(self._children.items()):
            counts, total = buckets.read()
            family.add_metric(list(values), counts, total)
        yield family
