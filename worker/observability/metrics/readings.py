"""What is only read when somebody scrapes: it costs a submission nothing.

The sources read the worker's live objects, so they are asked on the event loop; the text of the exposition is then made
in a thread, from what they said.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeAlias

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from worker.observability.metrics.metric import Kind, Metric

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger(__name__)

Reading: TypeAlias = tuple[Metric, tuple[str, ...], float]
"""A metric, the values of its labels in order, and its value."""
Source: TypeAlias = Callable[[], Iterable[Reading]]
"""Gives values, quickly and without waiting."""
Family: TypeAlias = CounterMetricFamily | GaugeMetricFamily


class Readings(Collector):
    """Collects what the sources said when `take` was called last."""

    def __init__(self) -> None:
        self._sources: list[Source] = []
        self._failing: set[Source] = set()
        self._families: list[Family] = []

    def add(self, source: Source) -> None:
        """Ask this source too."""
        self._sources.append(source)

    def take(self) -> None:
        """Ask all sources. One that fails is left out, and logged once, so that the others are shown."""
        families: dict[str, Family] = {}
        for source in self._sources:
            for metric, values, value in self._asked(source):
                family = families.get(metric.name)
                if family is None:
                    family = families[metric.name] = _family(metric)
                family.add_metric(list(values), value)
        self._families = list(families.values())

    def collect(self) -> Iterator[Family]:
        """Yield the families as `prometheus_client` wants them."""
        yield from self._families

    def _asked(self, source: Source) -> list[Reading]:
        try:
            found = list(source())
        except Exception as error:  # noqa: BLE001 - one source must not hide the others
            if source not in self._failing:
                self._failing.add(source)
                log.error("metrics could not be read", extra={"error": type(error).__name__})  # noqa: TRY400
            return []
        self._failing.discard(source)
        return found


def _family(metric: Metric) -> Family:
    kind = CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily
    return kind(metric.name, metric.help, labels=metric.label_names)
