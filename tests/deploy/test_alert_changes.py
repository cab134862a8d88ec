"""docs/monitoring.md, "Alerts": its table is that of the rules, and its examples change what they say."""

from __future__ import annotations

import copy
import re
import shutil
import subprocess

import pytest
import yaml

from tests.deploy.prometheus_rule import groups
from tests.deploy.rendering import CHART, KUBERNETES, documents, named, rendering, run
from tests.deploy.tools import program
from tests.support.readme import ROOT, marked

TOOL = "docs/monitoring.md, Alerts"
PAGE = ROOT / "docs" / "monitoring.md"


def example(name):
    """Return one of the examples of the page."""
    (block,) = (one for one in marked(PAGE, "alerts") if one.test == f"alerts {name}")
    return block.text


def rules(given):
    """Return the rules of groups by name and severity; the stages of a certificate by their days too."""
    return {(one["alert"], *sorted(one["labels"].values())): one for group in given for one in group["rules"]}


@pytest.fixture
def by_helm(tmp_path):
    """Return what the chart makes of values for the alerts; None, and the error, where it refuses them."""

    def render(text):
        (tmp_path / "alerts.yaml").write_text(text, encoding="utf-8")
        values = (
            "--values",
            str(CHART.parent / "production.yaml"),
            "--values",
            str(tmp_path / "alerts.yaml"),
        )
        done = run("helm", "template", "herald", str(CHART), "--namespace", "herald", *values)
        if done.returncode != 0:
            return None, done.stderr
        return rules(named(documents(done.stdout), "PrometheusRule", "herald")["spec"]["groups"]), ""

    return render


def test_the_table_is_that_of_the_rules():
    stated = {
        name: set(severities.split(", "))
        for name, severities in re.findall(
            r"^\| `(Herald\w+)` \| ([a-z, ]+) \|", PAGE.read_text(), re.MULTILINE
        )
    }
    there = {}
    for name, *labels in rules(groups()):
        there.setdefault(name, set()).update({"critical", "warning"} & set(labels))
    assert stated == there


def test_without_changes_the_chart_has_the_rules_of_the_folder():
    made = named(documents(rendering("helm")), "PrometheusRule", "herald")["spec"]["groups"]
    assert made == groups()


def test_helm_changes_what_the_example_says(by_helm):
    made, _ = by_helm(example("helm"))
    wanted = copy.deepcopy(rules(groups()))
    wanted["HeraldFallingBehind", "warning"]["for"] = "1h"
    wanted["HeraldSubmissionsStuck", "warning"]["expr"] = (
        "max by (job, system) (herald_unanswered_oldest_age_seconds) > 7200"
    )
    del wanted["HeraldProbeFailing", "warning"]
    assert made == wanted


@pytest.mark.parametrize(
    "changes",
    [
        {"HeraldMisspelt": {"for": "1h"}},
        {"HeraldClockSkew/critical": {"for": "1h"}},
        {"HeraldClockSkew": {"for": "an hour"}},
        {"HeraldClockSkew": {"threshold": 7}},
    ],
    ids=str,
)
def test_helm_refuses_what_would_change_nothing(by_helm, changes):
    made, error = by_helm(yaml.safe_dump({"monitoring": {"alerts": changes}}))
    assert made is None
    assert "alerts" in error


def test_a_group_may_become_empty(by_helm):
    made, _ = by_helm("monitoring: {alerts: {HeraldClockSkew: {enabled: false}}}")
    assert made.keys() == rules(groups()).keys() - {("HeraldClockSkew", "warning")}


def test_kustomize_changes_what_the_example_says(tmp_path):
    shutil.copytree(KUBERNETES, tmp_path / "kubernetes")
    path = tmp_path / "kubernetes" / "overlays" / "production" / "kustomization.yaml"
    overlay = yaml.safe_load(path.read_text(encoding="utf-8"))
    overlay.setdefault("patches", []).extend(yaml.safe_load(example("kustomize"))["patches"])
    path.write_text(yaml.safe_dump(overlay), encoding="utf-8")
    done = run("kubectl", "kustomize", str(path.parent))
    assert done.returncode == 0, done.stderr
    wanted = copy.deepcopy(rules(groups()))
    wanted["HeraldFallingBehind", "warning"]["for"] = "1h"
    assert rules(named(documents(done.stdout), "PrometheusRule", "herald")["spec"]["groups"]) == wanted


def amtool(*arguments):
    """Run amtool, whatever its exit code."""
    return subprocess.run(
        [program("amtool", of="alertmanager"), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(("severity", "receiver"), [("critical", "on-call"), ("warning", "tickets")])
def test_the_example_of_routing(tmp_path, severity, receiver):
    path = tmp_path / "alertmanager.yaml"
    path.write_text(example("alertmanager"), encoding="utf-8")
    checked = amtool("check-config", str(path))
    assert checked.returncode == 0, checked.stdout + checked.stderr
    routed = amtool("config", "routes", "test", "--config.file", str(path), f"severity={severity}")
    assert routed.stdout.split() == [receiver]


def test_the_example_inhibits_alerts_that_there_are():
    document = yaml.safe_load(example("alertmanager"))
    matchers = [one for rule in document["inhibit_rules"] for side in rule.values() for one in side]
    named_there = {name for one in matchers for name in re.findall(r"Herald\w+", one)}
    assert named_there
    assert named_there <= {name for name, *_ in rules(groups())}
