"""What a declaration of a metric says."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from contracts.immutable import immutable

if TYPE_CHECKING:
    from worker.observability.metrics.labels import Label


class Kind(StrEnum):
    """The metric types of Prometheus that Herald uses."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class ReadFrom(StrEnum):
    """Where a value comes from, and so how old it may be."""

    EVENT = "events"
    SCRAPE = "memory, at each scrape"
    JOURNAL = "the journal, at intervals"
    KAFKA = "Kafka, at intervals"


@immutable
class Metric:
    """One metric. ``name`` is complete, with the unit and, of a counter, `_total`.

    ``buckets``: the upper bounds of a histogram, in the metric's unit. ``absent``: when there is no series.
    """

    name: str
    kind: Kind
    help: str
    unit: str
    labels: tuple[Label, ...] = ()
    buckets: tuple[float, ...] = ()
    read_from: ReadFrom = ReadFrom.EVENT
    absent: str = ""

    @property
    def label_names(self) -> tuple[str, ...]:
        """The names of the labels, in order."""
        return tuple(label.name for label in self.labels)
