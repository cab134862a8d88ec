"""The dashboards under deploy/monitoring are those that the code makes, and Grafana can show them as they are meant."""

from __future__ import annotations

import json
import re
from itertools import combinations

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.monitoring.dashboards import looks, queries
from deploy.monitoring.dashboards.__main__ import FOLDERS, HERE, files
from deploy.monitoring.dashboards.frame import COLUMNS, Line
from deploy.monitoring.dashboards.panels import prose
from tests.support.readme import ROOT
from worker.observability.metrics import declared
from worker.observability.metrics.metric import Kind

TEXTS = {path.name: path.read_text(encoding="utf-8") for path in sorted(HERE.glob("*.json"))}
DASHBOARDS = {name: json.loads(text) for name, text in TEXTS.items()}
ALERTS = ROOT / "deploy" / "monitoring" / "alerts"
PANELS = [(name, panel) for name, one in DASHBOARDS.items() for panel in one["panels"]]
SHOWING = [(name, panel) for name, panel in PANELS if panel["type"] not in {"row", "text"}]
UIDS = {
    "overview.json": "herald-overview",
    "system.json": "herald-system",
    "dead-letters.json": "herald-dead-letters",
}


def titled(found):
    return pytest.mark.parametrize(
        ("name", "panel"), found, ids=[f"{name}-{panel['id']}-{panel.get('title')}" for name, panel in found]
    )


def test_the_files_and_their_copies_are_what_the_code_makes():
    there = {path: path.read_text(encoding="utf-8") for folder in FOLDERS for path in folder.glob("*.json")}
    assert there == files(), "run `make dashboards`"


@pytest.mark.parametrize("name", TEXTS)
def test_grafanas_own_types_read_the_file_and_lose_nothing(name):
    register_default_plugins()
    read = Dashboard.from_json(json.loads(TEXTS[name]))
    assert json.loads(json.dumps(read, cls=JSONEncoder)) == DASHBOARDS[name]


def test_the_uids_are_fixed_as_links_and_bookmarks_have_them():
    assert {name: one["uid"] for name, one in DASHBOARDS.items()} == UIDS


@pytest.mark.parametrize("name", TEXTS)
def test_every_panel_has_a_number_and_a_place_of_its_own(name):
    panels = DASHBOARDS[name]["panels"]
    assert len({one["id"] for one in panels}) == len(panels)
    taken = [(one["title"], cells(one["gridPos"])) for one in panels]
    assert [(a, b) for (a, here), (b, there) in combinations(taken, 2) if here & there] == []
    everything = set().union(*(places for _, places in taken))
    bottom = max(y for _, y in everything) + 1
    assert everything == {(x, y) for x in range(COLUMNS) for y in range(bottom)}, "there are gaps"


def cells(place) -> set[tuple[int, int]]:
    return {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}


def test_panels_that_lie_on_each_other_would_be_seen():
    one, other = {"x": 0, "y": 0, "w": 6, "h": 4}, {"x": 5, "y": 3, "w": 6, "h": 4}
    assert cells(one) & cells(other) == {(5, 3)}


def test_a_line_that_is_not_as_wide_as_the_grid_is_refused():
    with pytest.raises(ValueError, match="13 columns wide instead of 24"):
        Line(4, [(13, prose("one", ""))])


@titled(SHOWING)
def test_a_panel_says_what_it_shows_and_takes_its_data_where_the_variable_says(name, panel):
    assert panel["title"]
    assert len(panel["description"]) > 10
    assert "use max" not in panel["description"], "the query does it"
    sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
    assert {json.dumps(one, sort_keys=True) for one in sources} == {
        '{"type": "prometheus", "uid": "${datasource}"}'
    }
    assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])


@titled([one for one in SHOWING if one[1]["type"] in {"stat", "timeseries"}])
def test_values_have_a_unit_and_a_stat_has_colours(name, panel):
    defaults = panel["fieldConfig"]["defaults"]
    assert defaults["unit"]
    if any("_seconds" in target["expr"] for target in panel["targets"]) and panel["title"] != "CPU":
        assert defaults["unit"] in {"s", "suffix: days"}
    if panel["type"] == "stat":
        assert defaults["thresholds"]["steps"][0]["value"] is None
        assert panel["options"]["colorMode"] == "background"


@titled([one for one in SHOWING if one[1]["type"] in {"timeseries", "state-timeline"}])
def test_legends_are_short(name, panel):
    for target in panel["targets"]:
        assert 0 < len(target["legendFormat"]) <= 24
        if label := re.search(r"\{\{(\w+)\}\}", target["legendFormat"]):
            assert f"{label[1]}" in target["expr"]
    legends = [target["legendFormat"] for target in panel["targets"]]
    assert len(set(legends)) == len(legends)


@titled(SHOWING)
def test_queries_name_metrics_that_there_are_and_the_installation(name, panel):
    known = {one.name for one in declared.ALL if one.kind is not Kind.HISTOGRAM}
    known |= {
        f"{one.name}{part}"
        for one in declared.ALL
        if one.kind is Kind.HISTOGRAM
        for part in ("_bucket", "_sum", "_count")
    }
    for target in panel["targets"]:
        selected = re.findall(r"\b((?:herald|process)_\w+)(\{[^}]*\})?", target["expr"])
        assert selected
        for metric, matchers in selected:
            assert metric in known or metric.startswith("process_")
            assert 'job=~"$job"' in matchers, target["expr"]


def test_every_metric_is_shown_somewhere():
    everything = "".join(TEXTS.values())
    assert [one.name for one in declared.ALL if one.name not in everything] == []


def test_what_every_worker_shows_alike_is_never_added_up():
    """docs/metrics.md says of which the maximum is to be taken: from the journal, and where the help says so."""
    assert {declared.HELD, declared.STOPS, declared.UNACKNOWLEDGED_LOSSES} <= queries.ALIKE
    assert {one.name for one in declared.ALL if "use max" in one.help} <= {one.name for one in queries.ALIKE}
    for _, panel in SHOWING:
        for target in panel["targets"]:
            added = re.findall(r"sum(?: by \([^)]*\))? \((herald_\w+)", target["expr"])
            alike = {one.name for one in queries.ALIKE} & set(added)
            assert panel["title"] == "Workers" or not alike, target["expr"]


def test_only_a_counter_has_a_rate():
    with pytest.raises(ValueError, match="is a gauge"):
        queries.Scope(systems=False).per_second(declared.HELD)


def test_a_dashboard_leads_to_the_others_and_to_the_pages():
    links = set(re.findall(r'"url": "([^"]+)"', "".join(TEXTS.values())))
    links |= {
        link for one in re.findall(r"\]\((\$\{docs\}[^)]+)\)", "".join(TEXTS.values())) for link in [one]
    }
    assert links
    for link in links:
        if link.startswith("/d/"):
            assert link.removeprefix("/d/").partition("?")[0] in UIDS.values()
        else:
            assert link.startswith("${docs}/"), link
            assert (ROOT / "docs" / link.removeprefix("${docs}/")).exists(), link


@pytest.mark.parametrize("name", TEXTS)
def test_variables_are_used_and_those_that_are_used_exist(name):
    variables = {one["name"] for one in DASHBOARDS[name]["templating"]["list"]}
    used = set(re.findall(r"\$\{?([a-z]+)\b", TEXTS[name]))
    assert variables == used


@pytest.mark.parametrize(
    ("colours", "alert"),
    [
        (looks.UNANSWERED, "HeraldSubmissionsStuck"),
        (looks.OVERDUE, "HeraldAnswersOverdue"),
        (looks.HELD, "HeraldSubmissionsHeld"),
        (looks.FIGURES, "HeraldJournalFiguresOld"),
        (looks.CODE_LISTS, "HeraldNomenclaturesOld"),
        (looks.DAYS_LEFT, "HeraldSignerCertificateExpiring"),
    ],
)
def test_the_colours_change_where_the_alerts_fire(colours, alert):
    groups = [group for path in ALERTS.glob("*.yaml") for group in yaml.safe_load(path.read_text())["groups"]]
    rules = [rule for group in groups for rule in group["rules"] if rule["alert"] == alert]
    at = {
        severity: {
            int(found[1])
            for rule in rules
            if rule["labels"]["severity"] == severity and (found := re.search(r" [<>] (\d+)", rule["expr"]))
        }
        for severity in ("warning", "critical")
    }
    first, *others = [step.value for step in colours.build().steps][1:]
    if alert.endswith("Expiring"):
        assert (first, *others) == (max(at["critical"]), max(at["warning"]))
    else:
        assert {first} == at["warning"]
        assert set(others) == at["critical"]
