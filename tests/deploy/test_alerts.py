"""promtool: the alerts are valid, fire when they should, and stay quiet just below their threshold."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.deploy.prometheus_rule import ALERTS
from tests.deploy.rendering import RENDERINGS, documents, pods, rendering
from tests.deploy.tools import program
from tests.support.readme import ROOT
from worker.observability.metrics.declared import ALL
from worker.observability.metrics.metric import Kind

TOOL = "promtool"
CASES = Path(__file__).parent / "alerts"
FILES = sorted(path.name for path in ALERTS.glob("*.yaml"))
SEVERITIES = {"critical", "warning"}
OF_KUBERNETES = {"kube_pod_init_container_status_ready": {"namespace", "pod", "container"}}
"""Metrics of kube-state-metrics that rules read, each with those of its labels that they use."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One alerting rule; ``labels`` and its name tell it from all others."""

    name: str
    labels: frozenset[tuple[str, str]]
    given: dict

    def __str__(self):
        return " ".join([self.name, *sorted(value for _, value in self.labels)])


def rules_of(name):
    """Return the rules of a file."""
    (group,) = yaml.safe_load((ALERTS / name).read_text(encoding="utf-8"))["groups"]
    return [Rule(one["alert"], frozenset(one["labels"].items()), one) for one in group["rules"]]


RULES = [rule for name in FILES for rule in rules_of(name)]


def promtool(*arguments, directory):
    """Run promtool, whatever its exit code."""
    return subprocess.run(
        [program("promtool", of="prometheus"), *arguments],
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def cases_of(name):
    """Yield, for each case of a file, the matchers of the rule that it looks at, and whether it fires."""
    for case in yaml.safe_load((CASES / name).read_text(encoding="utf-8"))["tests"]:
        (looked,) = case["promql_expr_test"]
        matchers = dict(re.findall(r'(\w+)="([^"]*)"', looked["expr"]))
        yield case["name"], matchers, bool(looked["exp_samples"])


def test_the_rules_are_valid():
    done = promtool("check", "rules", "--lint=all", "--lint-fatal", *FILES, directory=ALERTS)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", FILES)
def test_the_cases_of_a_file(name):
    done = promtool("test", "rules", name, directory=CASES)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("fires", [True, False], ids=["fires", "is quiet"])
@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_rule_has_cases_of_both_kinds(rule, fires):
    wanted = {"alertname": rule.name, "alertstate": "firing", **dict(rule.labels)}
    cases = [one for name in FILES for one in cases_of(name)]
    assert [name for name, matchers, fired in cases if matchers == wanted and fired == fires]


def test_a_case_says_what_it_looks_at():
    cases = [one for name in FILES for one in cases_of(name)]
    for name, matchers, fires in cases:
        assert name.startswith(f"{matchers['alertname']} {'fires' if fires else 'is quiet'}: ")
    assert len({(name, str(matchers)) for name, matchers, _ in cases}) == len(cases)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("expression", ["vector(1) < 0", "vector(1)"], ids=["never", "always"])
def test_rules_that_never_or_always_fire_are_noticed(tmp_path, name, expression):
    text = (ALERTS / name).read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    for rule in document["groups"][0]["rules"]:
        rule["expr"] = expression
    (tmp_path / name).write_text(yaml.safe_dump(document), encoding="utf-8")
    cases = yaml.safe_load((CASES / name).read_text(encoding="utf-8"))
    (tmp_path / "cases.yaml").write_text(yaml.safe_dump({**cases, "rule_files": [name]}), encoding="utf-8")
    done = promtool("test", "rules", "cases.yaml", directory=tmp_path)
    assert done.returncode != 0


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_rule_reads_metrics_that_there_are(rule):
    shown = {metric.name for metric in ALL}
    shown |= {f"{metric.name}_bucket" for metric in ALL if metric.kind is Kind.HISTOGRAM}
    shown |= OF_KUBERNETES.keys()
    read = set(re.findall(r"\b(?:herald|kube)_\w+", rule.given["expr"]))
    assert read
    assert read <= shown


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_rule_asks_for_labels_and_values_that_there_are(rule):
    labels = {metric.name: {one.name: one for one in metric.labels} for metric in ALL}
    expression = rule.given["expr"]
    read = [name.removesuffix("_bucket") for name in re.findall(r"\b(?:herald|kube)_\w+", expression)]
    known = {"job", "pod", "instance", "le"}.union(*((labels | OF_KUBERNETES)[name] for name in read))
    for kept in re.findall(r"(?:by|on) \(([^)]*)\)", expression):
        assert set(kept.split(", ")) <= known
    for name, label, value in re.findall(r'(herald_\w+){(\w+)!?="([^"]*)"}', expression):
        assert labels[name][label].allows(value)


@pytest.mark.parametrize("name", RENDERINGS)
def test_the_alert_about_pods_that_do_not_start_is_about_those_of_workers(name):
    """Prometheus tells pods apart by names: of the pod, and of its init container."""
    (rule,) = (one.given for one in RULES if one.name == "HeraldWorkerNotStarting")
    (container, pattern) = re.findall(r'{container="(\w+)", pod=~"([^"]+)"}', rule["expr"])[0]
    meant = {
        one
        for one, template in pods(documents(rendering(name))).items()
        if re.fullmatch(pattern, f"{one.partition('/')[2]}-6d5f-x7k2p")
        and container in {given["name"] for given in template["spec"].get("initContainers", ())}
    }
    assert meant == {one for one in pods(documents(rendering(name))) if "/herald-worker-" in one} != set()


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_rule_says_what_happened_and_where_to_read_on(rule):
    assert dict(rule.labels)["severity"] in SEVERITIES
    told = rule.given["annotations"]
    assert set(told) == {"summary", "description", "runbook"}
    # A link finds its section by the heading, which is the alert's name.
    assert told["runbook"] == f"docs/runbook.md#{rule.name.lower()}"
    assert f"\n## {rule.name}\n" in (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    # An alert has the labels that its expression keeps; that of a restart keeps all of a process.
    by = re.search(r"by \(([^)]*)\)", rule.given["expr"])
    kept = set(by[1].split(", ")) if by else {"job", "pod", "instance"}
    used = set(re.findall(r"\$labels\.(\w+)", told["summary"] + told["description"]))
    assert used <= kept
