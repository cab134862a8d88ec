"""The panels about what workers do beside submissions: they prune the journal, reload files, and send traces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploy.monitoring.dashboards.frame import Line, evenly
from deploy.monitoring.dashboards.looks import Query
from deploy.monitoring.dashboards.of_metric import series_by
from deploy.monitoring.dashboards.panels import graph
from deploy.monitoring.dashboards.queries import meaning
from worker.observability.metrics import declared

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders import timeseries

    from deploy.monitoring.dashboards.queries import Scope


def upkeep(scope: Scope) -> Line:
    """Return the line of the panels."""
    return evenly(7, last_pruning(scope), pruned_rows(scope), dropped_spans(scope))


def changed_files(scope: Scope) -> Line:
    """Return the line of the panels about files that change while workers run."""
    return evenly(7, reloads(scope), files_not_in_use(scope))


def last_pruning(scope: Scope) -> timeseries.Panel:
    """Return how long ago each installation's journal was pruned."""
    return graph(
        "Since the journal was last pruned",
        series_by("job", f"time() - {scope.largest(declared.PRUNE_SUCCESS, 'job')}"),
        description="Time since any worker of the installation pruned the journal without an error. No data: none "
        "has pruned since it started, or `journal.retention.enabled` is false.",
        unit="s",
    )


def pruned_rows(scope: Scope) -> timeseries.Panel:
    """Return what was removed from the journal; pruning is seldom, so a rate would say nothing."""
    return graph(
        "Pruned rows of the journal",
        series_by("what", scope.in_range(declared.PRUNED, "what")),
        description=f"{meaning(declared.PRUNED)} Each point counts the time range before it. "
        "No data: `journal.retention.enabled` is false.",
    )


def reloads(scope: Scope) -> timeseries.Panel:
    """Return how often changed files were loaded."""
    return graph(
        "Reloads of changed files",
        Query(scope.in_range(declared.RELOADS, "outcome"), "{{outcome}}"),
        description=f"{meaning(declared.RELOADS)} Each point counts the time range before it.",
    )


def files_not_in_use(scope: Scope) -> timeseries.Panel:
    """Return the settings whose present files cannot be used."""
    return graph(
        "Changed files that cannot be used",
        Query(scope.largest(declared.RELOAD_FAILING, "setting"), "{{setting}}"),
        description=meaning(declared.RELOAD_FAILING),
    )


def dropped_spans(scope: Scope) -> timeseries.Panel:
    """Return which spans are missing in the traces."""
    return graph(
        "Dropped spans",
        series_by("reason", scope.in_range(declared.SPANS_DROPPED, "reason")),
        description=f"{meaning(declared.SPANS_DROPPED)} Each point counts the time range before it. "
        "No data: traces are off.",
    )
