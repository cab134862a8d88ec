"""The commands of Kubernetes in the pages name folders, objects and containers that exist."""

from __future__ import annotations

import re
import shlex

import pytest

from tests.deploy.page_commands import BLOCKS, OF_ALERTS
from tests.deploy.page_commands import INLINE as IN_SENTENCES
from tests.deploy.page_commands import OPERATIONS as TEXT
from tests.deploy.rendering import CHART, containers, documents, overlay, pods, run
from tests.support.cli.commands import invoked
from tests.support.readme import ROOT

TOOL = "commands of Kubernetes in docs"
KINDS = {
    "configmaps": "ConfigMap",
    "deploy": "Deployment",
    "jobs": "Job",
    "networkpolicies": "NetworkPolicy",
    "pods": "Deployment",
    "scaledobjects": "ScaledObject",
    "secret": "Deployment",
}
"""What `kubectl get` and the like can ask for here; pods and Secrets are made of, or named by, Deployments."""
LINES = [(block.overlay, line) for block in BLOCKS for line in block.lines]
OTHERS = [("production", line) for line in (*IN_SENTENCES, *OF_ALERTS)]
SECRETS = {"herald-journal", "herald-signers", "herald-systems"}


def test_there_are_commands():
    assert {name for name, _ in LINES} == {"demo", "production"}
    assert len(LINES) > 10
    assert len(IN_SENTENCES) > 1
    assert len(OF_ALERTS) > 20


@pytest.mark.parametrize(("name", "line"), sorted({*LINES, *OTHERS}))
def test_a_command_names_what_there_is(name, line):
    words = shlex.split(line.partition(" < ")[0])
    found = documents(overlay(name))
    namespace = next(one["metadata"]["namespace"] for one in found if one["kind"] == "ServiceAccount")
    if "-n" in words:
        assert words[words.index("-n") + 1] == namespace
    for folder in re.findall(r"deploy/(?:kubernetes|helm)\S*", line):
        assert (ROOT / folder).exists(), folder
    for kind, thing in re.findall(r"\b(deploy|job)/([a-z][a-z-]+)(?![\w/])", line):
        full = {"deploy": "Deployment", "job": "Job"}[kind]
        if not (ROOT / "deploy" / thing).exists():
            assert f"{full}/{thing}" in pods(found)
    if "-c" in words:
        (deployment,) = re.findall(r"deploy/(herald-[a-z-]+)", line) or ["herald-worker-nhis"]
        names = [one["name"] for one in containers(pods(found)[f"Deployment/{deployment}"])]
        assert words[words.index("-c") + 1] in names
    if "generic" in words:
        assert words[words.index("generic") + 1] in SECRETS


@pytest.mark.parametrize(
    ("name", "line"), [one for one in LINES if " herald " in one[1].partition(" -- ")[2]]
)
def test_a_command_of_herald_exists(name, line):
    given = shlex.split(line.partition(" -- ")[2].partition(" < ")[0])
    words = given[given.index("herald") + 1 :]
    commands = [one for one in words if re.fullmatch(r"[a-z-]+", one) and not one.startswith("--")]
    shown = invoked(*commands[:2], "--help", variables={"COLUMNS": "200"})
    assert shown.code == 0
    assert [one for one in words if one.startswith("--") and one not in shown.out] == []


@pytest.mark.parametrize(
    ("name", "line"), sorted({one for one in OTHERS if {"get", "top"} & set(one[1].split())})
)
def test_what_is_asked_for_is_there(name, line):
    found, words = documents(overlay(name)), line.split()
    kind = words[words.index("top" if "top" in words else "get") + 1]
    there = [one for one in found if one["kind"] == KINDS[kind]]
    assert there
    if "-l" in words:
        label, value = words[words.index("-l") + 1].split("=")
        pods_of = [{"metadata": one} for one in (pod["metadata"] for pod in pods(found).values())]
        labelled = [one["metadata"].get("labels", {}) for one in (pods_of if kind == "pods" else there)]
        # Strimzi gives its pods the name of their cluster; the topics name the same.
        labelled += [one["metadata"].get("labels", {}) for one in found if one["kind"] == "KafkaTopic"]
        assert [one for one in labelled if one.get(label) == value]
    if kind == "secret":
        assert words[-1] in SECRETS


def test_the_secrets_that_the_page_has_made_are_those_that_pods_mount():
    made = {line.split()[6] for _, line in LINES if "secret generic" in line}
    assert made == SECRETS
    production = documents(overlay("production"))
    users = {one["metadata"]["name"] for one in production if one["kind"] == "KafkaUser"}
    mounted = {
        volume["secret"]["secretName"]
        for pod in pods(production).values()
        for volume in pod["spec"]["volumes"]
        if "secret" in volume
    }
    assert mounted - users == SECRETS | {"hospital-cluster-ca-cert"}


def test_the_values_of_the_page_s_helm_command_render():
    (line,) = (line for _, line in LINES if line.startswith("helm "))
    values = re.search(r"--values (\S+)", line)
    assert values
    assert run("helm", "template", "herald", str(CHART), "--values", str(ROOT / values[1])).returncode == 0


def test_the_page_states_the_numbers_of_the_manifests():
    production = documents(overlay("production"))
    worker = pods(production)["Deployment/herald-worker-nhis"]["spec"]
    assert f"{worker['terminationGracePeriodSeconds']} s: `intake.drain_seconds` (20), 40 s" in TEXT
    (scaled, *_) = (one["spec"] for one in production if one["kind"] == "ScaledObject")
    assert f"KEDA, {scaled['minReplicaCount']} to {scaled['maxReplicaCount']} for each system" in TEXT
    down = scaled["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]["scaleDown"]
    minutes = down["stabilizationWindowSeconds"] // 60, down["policies"][0]["periodSeconds"] // 60
    assert "after {} minutes, one worker in {} minutes".format(*minutes) in TEXT
