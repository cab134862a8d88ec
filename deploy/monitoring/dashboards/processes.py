"""The panels about the workers' processes: whether they run, and have what they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploy.monitoring.dashboards import flow, looks
from deploy.monitoring.dashboards.frame import Question, evenly
from deploy.monitoring.dashboards.looks import Query
from deploy.monitoring.dashboards.panels import graph, timeline
from deploy.monitoring.dashboards.queries import RATE, meaning
from deploy.monitoring.dashboards.table import Column, lines
from deploy.monitoring.dashboards.upkeep import changed_files, upkeep
from deploy.monitoring.dashboards.waiting import YES_IS_BAD
from worker.observability.metrics import declared

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders import statetimeline, table, timeseries

    from deploy.monitoring.dashboards.queries import Scope

READY = looks.words(("not ready", looks.RED), ("ready", looks.GREEN))
CONNECTED = looks.words(("no answer", looks.RED), ("answers", looks.GREEN))
OF_PROCESS = '{job=~"$job"}'
"""The metrics of the process are the client library's, and in no registry of Herald's."""


def processes(scope: Scope) -> Question:
    """Return the row."""
    states = evenly(7, ready(scope), journal_answers(scope), replies_fail(scope), clocks(scope))
    commits = flow.quantiles(scope, "Transactions of the journal", declared.JOURNAL_COMMIT)
    work = evenly(7, cpu(), memory(), event_loop(scope), commits)
    beside = [upkeep(scope), changed_files(scope)]
    return Question("Which process is not well?", [states, work, *beside, evenly(6, workers(scope))])


def ready(scope: Scope) -> statetimeline.Panel:
    """Return when each worker was ready."""
    return timeline(
        "Ready",
        Query(scope.largest(declared.READY, "instance"), "{{instance}}"),
        description=meaning(declared.READY),
        mappings=READY,
    )


def journal_answers(scope: Scope) -> statetimeline.Panel:
    """Return when PostgreSQL answered all workers."""
    return timeline(
        "Journal by connection",
        Query(scope.least(declared.JOURNAL_CONNECTED, "connection"), "{{connection}}"),
        description=f"{meaning(declared.JOURNAL_CONNECTED)} Of all workers, the one that fares worst.",
        mappings=CONNECTED,
    )


def replies_fail(scope: Scope) -> statetimeline.Panel:
    """Return when Kafka took no replies."""
    return timeline(
        "Replies fail",
        Query(scope.largest(declared.REPLIES_FAILING, "instance"), "{{instance}}"),
        description=meaning(declared.REPLIES_FAILING),
        mappings=YES_IS_BAD,
    )


def clocks(scope: Scope) -> timeseries.Panel:
    """Return by how much clocks differ."""
    return graph(
        "Clock skew, ahead or behind",
        Query(f"max by (against) (abs({scope.series(declared.CLOCK_SKEW)}))", "{{against}}"),
        description=meaning(declared.CLOCK_SKEW),
        unit="s",
    )


def cpu() -> timeseries.Panel:
    """Return the cores in use."""
    return graph(
        "CPU",
        Query(
            f"sum by (instance) (rate(process_cpu_seconds_total{OF_PROCESS}[{RATE}]))", "{{instance}}"
        ),
        description="Cores in use. A worker uses one core at most, and a little more while it signs.",
    )  # fmt: skip


def memory() -> timeseries.Panel:
    """Return the memory in use."""
    return graph(
        "Memory",
        Query(f"sum by (instance) (process_resident_memory_bytes{OF_PROCESS})", "{{instance}}"),
        description="Resident memory.",
        unit="bytes",
    )


def event_loop(scope: Scope) -> timeseries.Panel:
    """Return how late a worker is for its own tasks."""
    return graph(
        "Delay of the event loop, p99",
        Query(scope.quantile(0.99, declared.LOOP_DELAY, "instance"), "{{instance}}"),
        description=meaning(declared.LOOP_DELAY),
        unit="s",
    )


def workers(scope: Scope) -> table.Panel:
    """Return a line for each worker."""
    build = f"on (job, instance) group_left (version, python) {scope.series(declared.BUILD)}"
    migrated, read = (f"{scope.series(one)} * {build}" for one in (declared.MIGRATED, declared.JOURNAL_READ))
    pending = scope.series(declared.MIGRATIONS_PENDING)
    started = f"process_start_time_seconds{OF_PROCESS} * {build}"
    return lines(
        "Workers",
        {"instance": "Worker", "version": "Herald", "python": "Python"},
        [
            Column("Ready", _by_worker(f"{scope.series(declared.READY)} * {build}"), mappings=READY),
            Column(
                "Migrations pending",
                _by_worker(f"{pending} * {build}"),
                "short",
                looks.NONE_IS_WELL,
                YES_IS_BAD,
            ),
            Column("Partitions", _by_worker(f"{scope.series(declared.PARTITIONS)} * {build}")),
            Column("In flight", _by_worker(f"{scope.series(declared.IN_FLIGHT)} * {build}")),
            Column("Waiting steps", _by_worker(f"{scope.series(declared.JOURNAL_WAITING)} * {build}")),
            Column("Tables", _by_worker(f"{scope.series(declared.SCHEMA_VERSION)} * {build}")),
            Column("Migrated", f"{_by_worker(migrated)} * 1000", "dateTimeFromNow"),
            Column("Journal read", f"time() - {_by_worker(read)}", "s", looks.FIGURES, decimals=0),
            Column("Started", f"{_by_worker(started)} * 1000", "dateTimeFromNow"),
        ],
        description=f"The workers that Prometheus reads. Waiting steps: {meaning(declared.JOURNAL_WAITING)} "
        f"Tables: {meaning(declared.SCHEMA_VERSION)}",
    )


def _by_worker(expr: str) -> str:
    return f"sum by (instance, version, python) ({expr})"
