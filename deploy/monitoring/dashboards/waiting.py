"""The panels about what waits, and for what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploy.monitoring.dashboards import looks
from deploy.monitoring.dashboards.looks import Query
from deploy.monitoring.dashboards.of_metric import graph_of, series_by, timeline_of
from deploy.monitoring.dashboards.panels import graph, timeline
from deploy.monitoring.dashboards.queries import meaning
from worker.observability.metrics import declared

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders import statetimeline, timeseries

    from deploy.monitoring.dashboards.queries import Scope

CIRCUIT = looks.words(("closed", looks.GREEN), ("open", looks.RED))
PAUSED = looks.words(("reads", looks.GREEN), ("paused", looks.YELLOW))
YES_IS_BAD = looks.words(("no", looks.GREEN), ("yes", looks.RED))


def oldest_unanswered(scope: Scope) -> timeseries.Panel:
    """Return how old the oldest submission without an outcome is."""
    return graph_of(
        "Oldest unanswered",
        scope.largest,
        declared.UNANSWERED_AGE,
        "system",
        unit="s",
        thresholds=looks.UNANSWERED,
        linked=not scope.systems,
    )


def unanswered_and_held(scope: Scope) -> timeseries.Panel:
    """Return how many submissions wait for an outcome, and how many for a person."""
    return graph(
        "Unanswered and held",
        Query(scope.total(declared.UNANSWERED), "unanswered"),
        Query(scope.total(declared.HELD), "held"),
        description=f"{meaning(declared.UNANSWERED)} {meaning(declared.HELD)}",
    )


def answers_later(scope: Scope) -> timeseries.Panel:
    """Return how many submissions their system answers later, by operation."""
    return graph_of("Answers that come later", scope.total, declared.WAITING, "operation")


def asks_overdue(scope: Scope) -> timeseries.Panel:
    """Return for how long asks for answers are due."""
    return graph_of(
        "Asks overdue",
        scope.largest,
        declared.WAITING_OVERDUE,
        "system",
        unit="s",
        thresholds=looks.OVERDUE,
        linked=not scope.systems,
    )


def lag(scope: Scope, label: str = "system") -> timeseries.Panel:
    """Return how much is to be read, by system or by partition."""
    return graph_of(f"Lag by {label}", scope.total, declared.LAG, label, linked=not scope.systems)


def commits(scope: Scope, label: str = "system") -> timeseries.Panel:
    """Return for how long no offset was committed though there was work."""
    return graph_of(
        f"Time without a commit by {label}",
        scope.largest,
        declared.COMMITTED_AGE,
        label,
        unit="s",
        thresholds=looks.UNANSWERED,
        linked=not scope.systems,
    )


def circuits(scope: Scope) -> statetimeline.Panel:
    """Return when a circuit was open, or a probe failed."""
    return timeline_of(
        "Circuits", scope.largest, declared.CIRCUIT_OPEN, "system", CIRCUIT, linked=not scope.systems
    )


def trouble(scope: Scope) -> statetimeline.Panel:
    """Return when the circuit of the system was open, and when a probe had failed."""
    return timeline(
        "Circuit and probe",
        Query(scope.largest(declared.CIRCUIT_OPEN), "circuit open"),
        Query(scope.largest(declared.PROBE_FAILING), "probe fails"),
        description=f"{meaning(declared.CIRCUIT_OPEN)} {meaning(declared.PROBE_FAILING)}",
        mappings=YES_IS_BAD,
    )


def pauses(scope: Scope) -> statetimeline.Panel:
    """Return when some worker read nothing further, and why."""
    return timeline_of("Intake paused by reason", scope.largest, declared.INTAKE_PAUSED, "reason", PAUSED)


def window(scope: Scope) -> timeseries.Panel:
    """Return how full the window is: of records, and of bytes."""
    used = (
        (declared.WINDOW_RECORDS, declared.WINDOW_RECORDS_LIMIT, "records"),
        (declared.WINDOW_BYTES, declared.WINDOW_BYTES_LIMIT, "bytes"),
    )
    of_all = [
        Query(f"{scope.total(has)} / {scope.total(limit)}", unit) for has, limit, unit in used
    ]  # fmt: skip
    return graph(
        "Window in use",
        *of_all,
        description=f"{meaning(declared.WINDOW_RECORDS)} A full window pauses the intake.",
        unit="percentunit",
        thresholds=looks.SHARE,
        maximum=1,
    )


def window_by_system(scope: Scope) -> timeseries.Panel:
    """Return how full the window of each system is."""
    has, limit = (
        scope.total(one, "system") for one in (declared.WINDOW_RECORDS, declared.WINDOW_RECORDS_LIMIT)
    )
    return graph(
        "Window in use by system",
        series_by("system", f"{has} / {limit}"),
        description=f"{meaning(declared.WINDOW_RECORDS)} A full window pauses the intake.",
        unit="percentunit",
        thresholds=looks.SHARE,
        maximum=1,
        linked=True,
    )


def set_aside(scope: Scope) -> timeseries.Panel:
    """Return what waits outside the window, and how many senders are slowed down."""
    return graph(
        "Set aside, and limited senders",
        Query(scope.total(declared.SET_ASIDE, "scope"), "records of a {{scope}}"),
        Query(scope.total(declared.LIMITED, "scope"), "limited: {{scope}}"),
        description=f"{meaning(declared.SET_ASIDE)} {meaning(declared.LIMITED)}",
    )


def stops(scope: Scope) -> timeseries.Panel:
    """Return the stops of the flood guard, by whose they are."""
    return graph_of("Stops of intake", scope.total, declared.STOPS, "scope")
