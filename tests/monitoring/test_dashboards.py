"""Every query of every dashboard returns data: a real Prometheus scrapes two workers under load, and answers it."""

from __future__ import annotations

import asyncio
import json
import math
import re
import time
from dataclasses import dataclass
from typing import Any

import pytest

from deploy.monitoring.dashboards.__main__ import HERE
from tests.deploy.tools import program
from tests.support.postgres.server import TEMPLATE
from tests.support.prometheus.server import JOB, Prometheus, QueryError, scraping
from tests.support.worker.installation import Installation, worker_process
from tests.support.worker.nhis import running
from tests.support.worker.probes import ready
from tests.support.worker.under_load import Day, busy, with_an_ended_certificate

DASHBOARDS = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in sorted(HERE.glob("*.json"))}
RATE_INTERVAL = "6s"
"""With a scrape each second, what Grafana's `$__rate_interval` is: four scrapes at least."""
EMPTY = {
    ("system.json", "Pinned certificates"): "the settings of NHIS pin no certificate",
    ("overview.json", "Dropped spans"): "the settings name no collector of traces",
    ("system.json", "Answers that come later"): "NHIS answers at once",
    ("system.json", "Asks for answers"): "NHIS answers at once",
    ("overview.json", "Calls by status"): "no system of these settings makes calls",
    ("overview.json", "Notifications, and calls that hasten"): "no system of these settings makes calls",
    ("overview.json", "Calls, p95"): "no system of these settings makes calls",
    ("overview.json", "Unpublished notifications"): "no system of these settings makes calls",
    ("overview.json", "Oldest unpublished notification"): "no system of these settings makes calls",
    ("overview.json", "Looks by outcome"): "NHIS has no place to look at",
    ("overview.json", "Last good look"): "NHIS has no place to look at",
    ("overview.json", "Places whose looks fail"): "NHIS has no place to look at",
}
"""The panels that are rightly empty here, with the reason. Their queries are asked all the same."""

ZERO = {
    "herald_lost_offsets_total": "no record was deleted before it was read",
    "herald_forgotten_offsets_total": "the journal is not older than the group's offset",
    "herald_reloads_total": "no file changes",
    "herald_journal_pruned_rows_total": "nothing in the journal is old enough",
    "herald_records_ahead_of_clock_total": "the clocks are one and the same here",
    "herald_files_total": "no answer of NHIS is too large for a reply",
    "herald_file_bytes_total": "no answer of NHIS is too large for a reply",
}
"""The counters that rightly stay at 0 here. A worker has all series from its start: data alone proves little."""

pytestmark = [pytest.mark.timeout(300), pytest.mark.kafka]


@dataclass(frozen=True, slots=True)
class Asked:
    """A query of a panel."""

    file: str
    title: str
    expr: str
    instant: bool
    legend: str
    columns: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.file}: {self.title}: {self.expr}"

    @property
    def reason(self) -> str | None:
        """Why there is rightly no data."""
        return EMPTY.get((self.file, self.title))


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is to ask: Prometheus, and the time of the load."""

    prometheus: Prometheus
    day: Day
    start: float
    end: float

    def series(self, expr: str, *, instant: bool):
        """Return the series of a query as Grafana sends it, its variables replaced."""
        sent = expr.replace("$job", JOB).replace("$system", "nhis").replace("$__rate_interval", RATE_INTERVAL)
        sent = sent.replace("$__range", f"{int(self.end - self.start)}s")
        assert "$" not in sent, sent
        if instant:
            return self.prometheus.instant(sent, self.end)
        return self.prometheus.range(sent, self.start, self.end)

    def number(self, file: str, title: str) -> float:
        """Return the value of a panel of one number."""
        (asked,) = (one for one in QUERIES if (one.file, one.title) == (file, title) and one.instant)
        ((found),) = self.series(asked.expr, instant=True)
        return float(found["value"][1])


def queries():
    for file, one in DASHBOARDS.items():
        for panel in one["panels"]:
            renamed = next(
                (
                    t["options"]["renameByName"]
                    for t in panel.get("transformations", ())
                    if t["id"] == "organize"
                ),
                {},
            )
            columns = tuple(name for name in renamed if not name.startswith("Value"))
            for target in panel.get("targets", ()):
                legend = target.get("legendFormat", "")
                yield Asked(
                    file, panel["title"], target["expr"], bool(target.get("instant")), legend, columns
                )


QUERIES = list(queries())
VARIABLES = [
    (file, one["name"], one["query"]["query"])
    for file, made in DASHBOARDS.items()
    for one in made["templating"]["list"]
    if one["type"] == "query"
]


@pytest.fixture(scope="module")
def seen(kafka, pg_server, tmp_path_factory):
    """Two workers, so that what is added up and must not be is seen; Prometheus reads both."""
    directory = tmp_path_factory.mktemp("load")
    dsn = pg_server.create_database(TEMPLATE)
    with running(directory) as nhis:
        installation = Installation.build(kafka.bootstrap, dsn, nhis, directory)
        config = installation.config(_settings(installation))
        with worker_process(config, forked=False) as one, worker_process(config) as other:
            workers = [one.address, other.address]
            targets = [f"{host}:{port}" for host, port in workers]
            with scraping(program("prometheus"), directory, *targets) as prometheus:
                start = time.time()
                day = asyncio.run(_day(installation, one, other))
                yield Seen(prometheus, day, start, time.time())
    pg_server.drop_database(dsn)


def _settings(installation: Installation) -> dict[str, Any]:
    """Return settings with which workers also prune the journal, pull code lists, and keep files."""
    made = with_an_ended_certificate(installation)
    nhis = {**made["systems"]["nhis"], "nomenclature_pulls": {"enabled": True}}
    return {**made, "systems": {"nhis": nhis}, "journal": {"retention": {"enabled": True}}, "files": {}}


async def _day(installation, *workers) -> Day:
    await asyncio.gather(*(ready(worker.address, 120) for worker in workers))
    return await busy(installation, [worker.address for worker in workers])


def values(found):
    """Return what can be drawn: numbers, and no NaN."""
    told = [value for one in found for _, value in one.get("values", [one.get("value")])]
    return [float(one) for one in told if not math.isnan(float(one))]


def test_there_are_queries():
    assert len(QUERIES) > 80
    assert {one.file for one in QUERIES} == set(DASHBOARDS)


@pytest.mark.parametrize("asked", QUERIES, ids=str)
def test_a_query_returns_data(seen, asked):
    # `or vector(0)` answers whatever is asked: what stands before it has to answer.
    found = seen.series(asked.expr.removesuffix(" or vector(0)"), instant=asked.instant)
    if asked.reason:
        assert found == [], f"it has data, so take it off the list ({asked.reason})"
        return
    assert values(found), asked.expr
    if counters := set(re.findall(r"(?:rate|increase)\((\w+)", asked.expr)) - set(ZERO):
        assert max(values(found)) > 0, f"{counters} counted nothing"


@pytest.mark.parametrize("asked", [one for one in QUERIES if not one.reason], ids=str)
def test_the_series_have_the_labels_that_name_them(seen, asked):
    wanted = {*re.findall(r"\{\{(\w+)\}\}", asked.legend), *asked.columns}
    for one in seen.series(asked.expr, instant=asked.instant):
        assert wanted <= set(one["metric"])
        assert "{{" in asked.legend or asked.columns or not one["metric"], (
            "several series would have one name"
        )


@pytest.mark.parametrize(("file", "name", "query"), VARIABLES)
def test_a_variable_has_the_values_that_there_are(seen, file, name, query):
    selector, label = re.fullmatch(r"label_values\((.+), (\w+)\)", query).groups()
    found = seen.prometheus.label_values(label, selector.replace("$job", JOB), seen.start, seen.end)
    assert found == {"job": [JOB], "system": ["nhis"]}[name]


def test_what_both_workers_show_alike_is_counted_once(seen):
    both = seen.prometheus.instant("herald_held_submissions", seen.end)
    assert [float(one["value"][1]) for one in both] == [1, 1]
    assert seen.number("overview.json", "Held") == seen.day.held == 1
    assert seen.number("overview.json", "Open dead letters") == seen.day.dead_letters - seen.day.replays


def test_what_belongs_to_one_worker_is_added_up(seen):
    assert seen.number("overview.json", "Ready workers") == 2
    ended = sum(values(seen.series('sum(herald_submissions_total{job=~"$job"})', instant=True)))
    # Those that became dead letters have ended too, so the last scrape may lack the last answers.
    assert ended > seen.day.steady > 50


@pytest.mark.parametrize(
    ("expr", "least"),
    [
        ("max_over_time(herald_circuit_open[$__range])", 1),
        ("max_over_time(herald_exchanges_in_flight[$__range])", 1),
        ("herald_intake_stops", 1),
        ("herald_signer_blocked", 1),
        ("herald_retries_total", 2),
        ("herald_replays_total", 1),
    ],
)
def test_the_load_was_one(seen, expr, least):
    assert max(values(seen.series(expr, instant=True))) >= least


def test_a_query_that_names_no_metric_has_no_data_and_one_that_is_wrong_is_refused(seen):
    assert seen.series('sum (herald_reedy{job=~"$job"})', instant=True) == []
    with pytest.raises(QueryError, match="parse error"):
        seen.series("sum by (system (herald_ready)", instant=True)
