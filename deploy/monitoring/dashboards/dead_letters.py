"""The dashboard of what waits for a person: why, for how long, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploy.monitoring.dashboards import flow, looks, numbers, waiting
from deploy.monitoring.dashboards.frame import Line, Question, all_systems, evenly, framed
from deploy.monitoring.dashboards.of_metric import graph_of, series_by
from deploy.monitoring.dashboards.panels import graph, number, prose
from deploy.monitoring.dashboards.queries import Scope, meaning
from deploy.monitoring.dashboards.table import Column, lines
from worker.observability.metrics import declared

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders import stat, table, timeseries
    from grafana_foundation_sdk.models import dashboard as models

    from worker.observability.metrics.metric import Metric

CHOSEN = Scope(systems=True)
COMMANDS = """\
- `herald dead-letters list --state open` lists them with their reasons; `show ID` shows one of them.
- Fix the cause, then `herald dead-letters replay --all --dry-run`, and without `--dry-run`.
- Look a held submission up in the system, then `herald dead-letters settle ID`.
- `herald intake status` says what the flood guard has stopped; `herald intake resume` lets it go on.

[Dead letters](${docs}/dead-letters.md) · [Runbook](${docs}/runbook.md)
"""


def dead_letters() -> models.Dashboard:
    """Return the dashboard."""
    counted = Line(
        8, [(12, reasons()), (12, prose("What to do", COMMANDS))],
    )  # fmt: skip
    return framed(
        "herald-dead-letters",
        "Herald: dead letters",
        "What waits for a person, why, for how long, and what became of it.",
        [
            Question("What waits for a person?", [_counts(), _waiting()]),
            Question("Why?", [counted, _causes()]),
            Question("What became of it?", [_ends()]),
        ],
        all_systems(),
    )


def _counts() -> Line:
    return evenly(
        4,
        numbers.open_letters(CHOSEN),
        numbers.held(CHOSEN),
        numbers.oldest_held(CHOSEN),
        counted("New dead letters", declared.DEAD_LETTERS),
        counted("Replays", declared.REPLAYS),
        numbers.stops(CHOSEN),
    )


def counted(title: str, counter: Metric) -> stat.Panel:
    """Return how much a counter counted in the time shown."""
    return number(
        title,
        CHOSEN.in_range(counter),
        description=f"In the time that the dashboard shows. {meaning(counter)}",
        thresholds=looks.ANY,
        decimals=0,
    )


def _waiting() -> Line:
    return evenly(
        8,
        by_system("Open dead letters", declared.LETTERS_OPEN),
        by_system("Held", declared.HELD),
        oldest_held(),
    )


def by_system(title: str, metric: Metric) -> timeseries.Panel:
    """Return how many wait, by system."""
    return graph_of(title, CHOSEN.total, metric, "system", linked=True)


def oldest_held() -> timeseries.Panel:
    """Return for how long a person has been waited for."""
    return graph_of(
        "Oldest held",
        CHOSEN.largest,
        declared.HELD_AGE,
        "system",
        unit="s",
        thresholds=looks.HELD,
        linked=True,
    )


def reasons() -> table.Panel:
    """Return the dead letters of the time shown, by system and reason."""
    return lines(
        "Dead letters by system and reason",
        {"system": "System", "reason": "Reason"},
        [Column("Dead letters", f"{CHOSEN.in_range(declared.DEAD_LETTERS, 'system', 'reason')} > 0", decimals=0)],
        description=f"In the time that the dashboard shows. {meaning(declared.DEAD_LETTERS)}",
    )  # fmt: skip


def _causes() -> Line:
    return evenly(8, flow.dead_letters(CHOSEN), share(), waiting.stops(CHOSEN), waiting.set_aside(CHOSEN))


def share() -> timeseries.Panel:
    """Return which share of the records becomes dead letters."""
    ended = CHOSEN.per_second(declared.SUBMISSIONS, "system")
    return graph(
        "Share of dead letters by system",
        series_by("system", f"{CHOSEN.per_second(declared.DEAD_LETTERS, 'system')} / {ended}"),
        description="Dead letters, of all records whose work ended. The flood guard looks at the same share.",
        unit="percentunit",
        maximum=1,
        linked=True,
    )


def _ends() -> Line:
    replays = flow.rates(CHOSEN, "Replays by outcome", declared.REPLAYS, "outcome")
    return evenly(8, replays, flow.outcomes(CHOSEN), flow.retries(CHOSEN))
