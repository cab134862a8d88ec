"""What every dashboard has around its panels: variables, links, and the grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models import dashboard as models

from deploy.monitoring.dashboards import queries
from deploy.monitoring.dashboards.looks import DATASOURCE
from worker.observability.metrics import declared

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grafana_foundation_sdk.cog.builder import Builder

    from deploy.monitoring.dashboards.panels import Panel

COLUMNS = 24
TAG = "herald"
DOCS = "https://herald.example/docs"
"""Stands for the address where an installation publishes `docs/`; the variable `docs` has it."""


@dataclass(frozen=True, slots=True)
class Line:
    """Panels side by side, each with its width in columns; together they are as wide as the grid."""

    height: int
    panels: Sequence[tuple[int, Panel]]

    def __post_init__(self) -> None:
        """Refuse a line that is not as wide as the grid, which would push its neighbours about."""
        if (wide := sum(width for width, _ in self.panels)) != COLUMNS:
            raise ValueError(f"a line of panels is {wide} columns wide instead of {COLUMNS}")


@dataclass(frozen=True, slots=True)
class Question:
    """A row of the dashboard: what it asks, and the lines that answer it."""

    title: str
    lines: Sequence[Line]


def evenly(height: int, *panels: Panel) -> Line:
    """Return a line of panels of one width."""
    return Line(height, [(COLUMNS // len(panels), panel) for panel in panels])


def framed(
    uid: str,
    title: str,
    description: str,
    questions: Iterable[Question],
    *variables: dashboard.QueryVariable,
) -> models.Dashboard:
    """Return a dashboard; `variables` come after those that every dashboard has."""
    made = (
        dashboard.Dashboard(title)
        .uid(uid)
        .description(description)
        .tags([TAG])
        .time("now-3h", "now")
        .refresh("30s")
        .timezone("browser")
        .readonly()
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .links(_links())
        .variables([_datasource(), installation(), *variables, _docs()])
    )
    number = 0
    for question in questions:
        number += 1
        made.with_row(dashboard.Row(question.title).id(number))
        for line in question.lines:
            for width, panel in line.panels:
                number += 1
                made.with_panel(panel.id(number).span(width).height(line.height))
    return made.build()


def installation() -> dashboard.QueryVariable:
    """Return the variable of the installations, by the job that scrapes each."""
    return _all_of("job", "Installation", queries.values(declared.BUILD, queries.INSTALLATION))


def all_systems() -> dashboard.QueryVariable:
    """Return the variable of the systems, of which any number can be chosen."""
    return _all_of("system", "System", queries.values(declared.CIRCUIT_OPEN, "system"))


def one_system() -> dashboard.QueryVariable:
    """Return the variable of the systems, of which one is chosen."""
    return _of("system", "System", queries.values(declared.CIRCUIT_OPEN, "system"))


def _all_of(name: str, label: str, query: str) -> dashboard.QueryVariable:
    chosen = models.VariableOption(text="All", value="$__all", selected=True)
    return _of(name, label, query).multi(True).include_all(True).current(chosen)  # noqa: FBT003 - the builder's own


def _of(name: str, label: str, query: str) -> dashboard.QueryVariable:
    return (
        dashboard.QueryVariable(name)
        .label(label)
        .datasource(DATASOURCE)
        .query({"query": query, "refId": f"variable-{name}"})
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.ALPHABETICAL_ASC)
    )


def _datasource() -> dashboard.DatasourceVariable:
    return dashboard.DatasourceVariable("datasource").label("Prometheus").type("prometheus")


def _docs() -> dashboard.TextBoxVariable:
    return (
        dashboard.TextBoxVariable("docs")
        .label("Documentation")
        .description("The address where you publish Herald's folder docs/.")
        .default_value(DOCS)
        .current(models.VariableOption(text=DOCS, value=DOCS, selected=True))
        .hide(models.VariableHide.HIDE_VARIABLE)
    )


def _links() -> list[Builder[models.DashboardLink]]:
    others = (
        dashboard.DashboardLink("Herald")
        .type(models.DashboardLinkType.DASHBOARDS)
        .tags([TAG])
        .include_vars(True)  # noqa: FBT003 - the builder's own
        .keep_time(True)  # noqa: FBT003
    )
    runbook = (
        dashboard.DashboardLink("Runbook")
        .type(models.DashboardLinkType.LINK)
        .icon("doc")
        .tooltip("What to do about each alert")
        .url("${docs}/runbook.md")
        .target_blank(True)  # noqa: FBT003
    )
    return [others, runbook]
