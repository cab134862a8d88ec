"""The first dashboard that an operator opens: whether all is well, what is stuck, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploy.monitoring.dashboards import flow, looks, numbers, waiting
from deploy.monitoring.dashboards.calls import calls, looks_line, unpublished_line
from deploy.monitoring.dashboards.frame import Line, Question, evenly, framed
from deploy.monitoring.dashboards.processes import processes
from deploy.monitoring.dashboards.queries import Scope
from deploy.monitoring.dashboards.table import Column, lines
from deploy.monitoring.dashboards.waiting import CIRCUIT, YES_IS_BAD
from worker.observability.metrics import declared

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders import table
    from grafana_foundation_sdk.models import dashboard as models

    from worker.observability.metrics.metric import Metric

ALL = Scope(systems=False)


def overview() -> models.Dashboard:
    """Return the dashboard of a whole installation."""
    return framed(
        "herald-overview",
        "Herald: overview",
        "Is Herald well? What is stuck? Where? All systems of the chosen installations together.",
        [
            Question("Is it well?", [_well()]),
            Question("What is stuck?", [evenly(7, systems()), _stuck()]),
            Question("Where?", [_flow(), _trouble()]),
            Question(
                "Do systems call, are they looked at, and is it published?",
                [calls(ALL), looks_line(ALL), unpublished_line(ALL)],
            ),
            processes(ALL),
        ],
    )


def _well() -> Line:
    return evenly(
        4,
        numbers.ready(ALL),
        numbers.open_circuits(ALL),
        numbers.stops(ALL),
        numbers.oldest_unanswered(ALL),
        numbers.held(ALL),
        numbers.open_letters(ALL),
        numbers.losses(ALL),
        numbers.first_certificate(ALL),
    )


def _stuck() -> Line:
    return evenly(
        8, waiting.oldest_unanswered(ALL), waiting.lag(ALL), waiting.commits(ALL), waiting.circuits(ALL)
    )


def _flow() -> Line:
    by_system = flow.rates(ALL, "Submissions by system", declared.SUBMISSIONS, "system")
    return evenly(8, flow.outcomes(ALL), by_system, flow.ages_by_system(ALL), flow.stages(ALL))


def _trouble() -> Line:
    return evenly(
        8, flow.retries(ALL), flow.dead_letters(ALL), waiting.window_by_system(ALL), flow.in_flight(ALL)
    )


def systems() -> table.Panel:
    """Return a line for each system."""
    at_once, person = looks.NONE_IS_WELL, looks.LOOK_AT_ONE
    columns = [
        Column("Circuit", _worst(declared.CIRCUIT_OPEN), thresholds=at_once, mappings=CIRCUIT),
        Column("Probe fails", _worst(declared.PROBE_FAILING), thresholds=at_once, mappings=YES_IS_BAD),
        Column("Stops", _sum(declared.STOPS), thresholds=at_once),
        Column("To be read", _sum(declared.LAG)),
        Column("Unanswered", _sum(declared.UNANSWERED)),
        Column("Oldest unanswered", _worst(declared.UNANSWERED_AGE), "s", looks.UNANSWERED),
        Column("Held", _sum(declared.HELD), thresholds=person),
        Column("Oldest held", _worst(declared.HELD_AGE), "s", looks.HELD),
        Column("Open dead letters", _sum(declared.LETTERS_OPEN), thresholds=person),
        Column("Journal behind", _sum(declared.UNACKNOWLEDGED_FORGOTTEN), thresholds=at_once),
        Column("Losses", _sum(declared.UNACKNOWLEDGED_LOSSES), thresholds=at_once),
    ]
    return lines(
        "Systems",
        {"system": "System"},
        columns,
        description="The state of each system now. Its name leads to its dashboard.",
    )


def _sum(metric: Metric) -> str:
    return ALL.total(metric, "system")


def _worst(metric: Metric) -> str:
    return ALL.largest(metric, "system")
