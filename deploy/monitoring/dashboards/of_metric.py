"""The panels of one metric: what is taken of its series, and its meaning as the description."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from deploy.monitoring.dashboards.looks import Query
from deploy.monitoring.dashboards.panels import graph, number, timeline
from deploy.monitoring.dashboards.queries import meaning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grafana_foundation_sdk.builders import stat, statetimeline, timeseries
    from grafana_foundation_sdk.cog.builder import Builder
    from grafana_foundation_sdk.models import dashboard as models

    from worker.observability.metrics.metric import Metric


class Taken(Protocol):
    """What is taken of a metric's series, by labels: a method of a `Scope`, such as its total."""

    def __call__(self, metric: Metric, *by: str) -> str:
        """Return the expression."""


def number_of(
    title: str,
    taken: Taken,
    metric: Metric,
    thresholds: Builder[models.ThresholdsConfig],
    *,
    unit: str = "short",
) -> stat.Panel:
    """Return one value in large print."""
    return number(title, taken(metric), description=meaning(metric), thresholds=thresholds, unit=unit)


def graph_of(
    title: str,
    taken: Taken,
    metric: Metric,
    label: str,
    *,
    unit: str = "short",
    thresholds: Builder[models.ThresholdsConfig] | None = None,
    linked: bool = False,
) -> timeseries.Panel:
    """Return a line for each value of a label."""
    return graph(
        title,
        series_by(label, taken(metric, label)),
        description=meaning(metric),
        unit=unit,
        thresholds=thresholds,
        linked=linked,
    )


def timeline_of(
    title: str,
    taken: Taken,
    metric: Metric,
    label: str,
    mappings: Sequence[models.ValueMap],
    *,
    linked: bool = False,
) -> statetimeline.Panel:
    """Return a band for each value of a label."""
    query = series_by(label, taken(metric, label))
    return timeline(title, query, description=meaning(metric), mappings=mappings, linked=linked)


def series_by(label: str, expr: str) -> Query:
    """Return a query whose series the legend names by this label."""
    return Query(expr, f"{{{{{label}}}}}")
