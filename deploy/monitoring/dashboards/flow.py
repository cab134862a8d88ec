"""The panels about submissions on their way: where time is lost, and how it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploy.monitoring.dashboards.looks import Query
from deploy.monitoring.dashboards.of_metric import graph_of, series_by
from deploy.monitoring.dashboards.panels import graph, heat
from deploy.monitoring.dashboards.queries import meaning
from worker.observability.metrics import declared

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders import heatmap, timeseries

    from deploy.monitoring.dashboards.queries import Scope
    from worker.observability.metrics.metric import Metric

QUANTILES = ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))
PER_SECOND = "suffix: /s"


def rates(scope: Scope, title: str, counter: Metric, label: str, *, stacked: bool = True) -> timeseries.Panel:
    """Return how often a counter counts in a second, by one of its labels."""
    return graph(
        title,
        series_by(label, scope.per_second(counter, label)),
        description=meaning(counter),
        unit=PER_SECOND,
        stacked=stacked,
        linked=label == "system",
    )


def outcomes(scope: Scope) -> timeseries.Panel:
    """Return how submissions end."""
    return rates(scope, "Submissions by outcome", declared.SUBMISSIONS, "outcome")


def reasons(scope: Scope, title: str, counter: Metric) -> timeseries.Panel:
    """Return how often a counter counts by reason. A worker has a series for each reason from its start: most are 0."""
    return graph(
        title,
        series_by(
            "reason", f"{scope.per_second(counter, 'reason')} and {scope.total(counter, 'reason')} > 0"
        ),
        description=f"{meaning(counter)} Only reasons that have occurred are shown.",
        unit=PER_SECOND,
        stacked=True,
    )


def retries(scope: Scope) -> timeseries.Panel:
    """Return why attempts are made again."""
    return reasons(scope, "Retries by reason", declared.RETRIES)


def dead_letters(scope: Scope) -> timeseries.Panel:
    """Return why submissions become dead letters."""
    return reasons(scope, "Dead letters by reason", declared.DEAD_LETTERS)


def quantiles(scope: Scope, title: str, histogram: Metric) -> timeseries.Panel:
    """Return three quantiles of a duration."""
    lines = [Query(scope.quantile(share, histogram), name) for share, name in QUANTILES]
    return graph(title, *lines, description=meaning(histogram), unit="s")


def ages_by_system(scope: Scope) -> timeseries.Panel:
    """Return how long an answer takes, by system."""
    return graph(
        "From Kafka to the answer, p95",
        series_by("system", scope.quantile(0.95, declared.SUBMISSION_AGE, "system")),
        description=meaning(declared.SUBMISSION_AGE),
        unit="s",
        linked=True,
    )


def ages(scope: Scope) -> timeseries.Panel:
    """Return how long an answer takes."""
    return quantiles(scope, "From Kafka to the answer", declared.SUBMISSION_AGE)


def age_distribution(scope: Scope) -> heatmap.Panel:
    """Return how the times to the answer are distributed."""
    return heat(
        "From Kafka to the answer, all of them",
        scope.buckets(declared.SUBMISSION_AGE),
        description=meaning(declared.SUBMISSION_AGE),
    )


def stages(scope: Scope) -> timeseries.Panel:
    """Return how long each part of the way takes."""
    return graph(
        "Stages, p95",
        series_by("stage", scope.quantile(0.95, declared.STAGE_DURATION, "stage")),
        description=f"{meaning(declared.STAGE_DURATION)} `exchange` is the system's time, `admission` the waiting.",
        unit="s",
    )


def stage_means(scope: Scope) -> timeseries.Panel:
    """Return how the mean time of a submission divides among the parts of its way."""
    return graph(
        "Stages, mean",
        series_by("stage", scope.mean(declared.STAGE_DURATION, "stage")),
        description=f"{meaning(declared.STAGE_DURATION)} On top of each other they are the whole way.",
        unit="s",
        stacked=True,
    )


def in_flight(scope: Scope) -> timeseries.Panel:
    """Return what is being sent."""
    return graph_of(
        "Exchanges in flight", scope.total, declared.IN_FLIGHT, "system", linked=not scope.systems
    )
