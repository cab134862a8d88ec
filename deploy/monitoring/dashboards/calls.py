"""The panels about the receiver: what systems call, and whether what they state is published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploy.monitoring.dashboards.flow import PER_SECOND, rates
from deploy.monitoring.dashboards.frame import Line, evenly
from deploy.monitoring.dashboards.looks import Query
from deploy.monitoring.dashboards.of_metric import graph_of, series_by
from deploy.monitoring.dashboards.panels import graph
from deploy.monitoring.dashboards.queries import meaning
from worker.observability.metrics import declared

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders import timeseries

    from deploy.monitoring.dashboards.queries import Scope

NONE = "No data: no receiver runs."


def calls(scope: Scope) -> Line:
    """Return the line of the panels."""
    by_status = rates(scope, "Calls by status", declared.RECEIVER_CALLS, "status")
    return evenly(7, by_status, notifications(scope), durations(scope))


def unpublished_line(scope: Scope) -> Line:
    """Return the line of the panels about what waits for Kafka."""
    return evenly(7, unpublished(scope), oldest_unpublished(scope), files(scope))


def looks_line(scope: Scope) -> Line:
    """Return the line of the panels about the looks of workers."""
    return evenly(
        7, rates(scope, "Looks by outcome", declared.LOOKS, "outcome"), last_look(scope), failing(scope)
    )


def last_look(scope: Scope) -> timeseries.Panel:
    """Return how long the last good look is ago."""
    return graph_of("Last good look", scope.largest, declared.LOOK_AGE, "system", unit="s")


def failing(scope: Scope) -> timeseries.Panel:
    """Return at how many places looks fail."""
    return graph_of("Places whose looks fail", scope.largest, declared.PLACES_FAILING, "system")


def notifications(scope: Scope) -> timeseries.Panel:
    """Return what calls state, and how many say that an answer is ready."""
    return graph(
        "Notifications, and calls that hasten",
        Query(scope.per_second(declared.NOTIFICATIONS, "outcome"), "{{outcome}}"),
        Query(scope.per_second(declared.RECEIVER_HASTENED), "hastened"),
        Query(scope.per_second(declared.RECEIVER_LOOKS), "looked soon"),
        description=" ".join(
            (
                meaning(declared.NOTIFICATIONS),
                meaning(declared.RECEIVER_HASTENED),
                meaning(declared.RECEIVER_LOOKS),
                NONE,
            )
        ),
        unit=PER_SECOND,
    )


def files(scope: Scope) -> timeseries.Panel:
    """Return what is done with files, and how many are still to be deleted."""
    told = (declared.FILES, declared.FILE_BYTES, declared.FILES_TO_DELETE)
    return graph(
        "Files",
        Query(scope.per_second(declared.FILES, "act"), "{{act}}"),
        Query(scope.per_second(declared.FILE_BYTES), "bytes"),
        Query(scope.total(declared.FILES_TO_DELETE), "to delete"),
        description=" ".join(map(meaning, told)),
    )


def durations(scope: Scope) -> timeseries.Panel:
    """Return how long the systems wait for the answer."""
    return graph(
        "Calls, p95",
        series_by("system", scope.quantile(0.95, declared.RECEIVER_DURATION, "system")),
        description=f"{meaning(declared.RECEIVER_DURATION)} {NONE}",
        unit="s",
    )


def unpublished(scope: Scope) -> timeseries.Panel:
    """Return how much Kafka has not acknowledged."""
    return graph_of("Unpublished notifications", scope.total, declared.NOTIFICATIONS_UNPUBLISHED, "system")


def oldest_unpublished(scope: Scope) -> timeseries.Panel:
    """Return for how long the oldest waits."""
    return graph_of(
        "Oldest unpublished notification",
        scope.largest,
        declared.NOTIFICATIONS_UNPUBLISHED_AGE,
        "system",
        unit="s",
    )
