"""The panels about the code lists of a system: how old they are, which are missing, and how pulls end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploy.monitoring.dashboards import looks
from deploy.monitoring.dashboards.frame import Line, evenly
from deploy.monitoring.dashboards.of_metric import series_by
from deploy.monitoring.dashboards.panels import graph, number
from deploy.monitoring.dashboards.queries import meaning
from deploy.monitoring.dashboards.table import Column, lines
from worker.observability.metrics import declared

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders import stat, table, timeseries

    from deploy.monitoring.dashboards.queries import Scope


def code_lists(scope: Scope) -> Line:
    """Return the line of the panels."""
    return evenly(7, ages(scope), missing(scope), pulls(scope))


def ages(scope: Scope) -> table.Panel:
    """Return a line for each list that was pulled."""
    age = f"max by (job, code_list) ({scope.series(declared.CODE_LIST_AGE)})"
    return lines(
        "Code lists",
        {"code_list": "Code list", "job": "Installation"},
        [Column("Age", age, "s", looks.CODE_LISTS)],
        description=f"{meaning(declared.CODE_LIST_AGE)} A list that was never pulled has no line.",
    )


def missing(scope: Scope) -> stat.Panel:
    """Return how many lists were never pulled."""
    return number(
        "Missing code lists",
        scope.total(declared.CODE_LISTS_MISSING),
        description=f"{meaning(declared.CODE_LISTS_MISSING)} No data: the settings check no codes of the system.",
        thresholds=looks.LOOK_AT_ONE,
    )


def pulls(scope: Scope) -> timeseries.Panel:
    """Return how the workers' pulls ended; there is about one in a day, so a rate would say nothing."""
    return graph(
        "Pulls of code lists",
        series_by("outcome", scope.in_range(declared.PULLS, "outcome")),
        description=f"{meaning(declared.PULLS)} Each point counts the time range before it.",
    )
