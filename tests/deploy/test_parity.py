"""Kustomize's overlay and Helm's example for production are the same installation: each object, field by field.

What may differ is said here: labels that each tool adds, the hash in a ConfigMap's name, the Job's name (Helm gives
each revision its own), and annotations by which Helm rolls out a change of the settings and keeps topics.
"""

from __future__ import annotations

import copy
import re

import pytest
import yaml

from tests.deploy.prometheus_rule import copies
from tests.deploy.rendering import documents, overlay, rendering
from tests.support.readme import ROOT

TOOL = "Kustomize and Helm say the same"
DASHBOARDS = ROOT / "deploy" / "monitoring" / "dashboards"
OF_ONE_TOOL = {
    "app.kubernetes.io/instance", "app.kubernetes.io/managed-by", "app.kubernetes.io/part-of", "helm.sh/chart",
}  # fmt: skip
ANNOTATIONS = {"checksum/config", "helm.sh/resource-policy"}
"""Those of Helm: each stands alone where it stands."""


def by_name(found):
    """Return objects as both tools would have them, by kind and name."""
    made = [common(one) for one in found if one["kind"] != "Namespace"]
    return {(one["kind"], one["metadata"]["name"]): one for one in made}


def common(one):
    """Return an object without what may differ."""
    text = yaml.safe_dump(one)
    text = re.sub(r"\bherald-config-[a-z0-9]{10}\b", "herald-config", text)
    text = re.sub(r"\bherald-migration-1\b", "herald-migration", text)
    made = without_labels(yaml.safe_load(text))
    made["metadata"].pop("namespace", None)
    # Labels of an object itself only help people; those of pods and of Strimzi's resources decide.
    labels = made["metadata"].pop("labels", {})
    made["metadata"]["cluster"] = labels.get("strimzi.io/cluster")
    if made["kind"] == "ConfigMap" and "herald.yaml" in made["data"]:
        made["data"]["herald.yaml"] = yaml.safe_load(made["data"]["herald.yaml"])
    if made["kind"] == "KafkaTopic":
        assert made["spec"].pop("topicName", made["metadata"]["name"]) == made["metadata"]["name"]
    if made["kind"] == "KafkaUser":
        made["spec"]["authorization"]["acls"].sort(key=str)
    return made


def without_labels(value):
    """Return a value without the labels and annotations of one tool, wherever they stand."""
    if isinstance(value, list):
        return [without_labels(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: without_labels(one)
        for name, one in value.items()
        if name not in OF_ONE_TOOL and not (name == "annotations" and set(one) <= ANNOTATIONS)
    }


@pytest.fixture(scope="module")
def kustomize():
    return by_name(documents(overlay("production")))


@pytest.fixture(scope="module")
def helm():
    return by_name(documents(rendering("helm")))


def test_the_objects_are_the_same_ones(kustomize, helm):
    assert sorted(kustomize) == sorted(helm)
    assert len(kustomize) > 40


def test_each_object_is_the_same(kustomize, helm):
    assert {name: one for name, one in kustomize.items() if one != helm.get(name)} == {}


@pytest.mark.parametrize(
    "path",
    [
        ("Deployment", "herald-worker-nhis", "spec", "template", "spec", "terminationGracePeriodSeconds"),
        ("Deployment", "herald-worker-nhis", "spec", "template", "spec", "containers", 0, "resources"),
        ("KafkaUser", "herald-worker-nhis", "spec", "authorization", "acls", 0, "operations"),
        ("ScaledObject", "herald-worker-nhis", "spec", "triggers", 0, "metadata", "excludePersistentLag"),
        ("NetworkPolicy", "herald-journal", "spec", "egress"),
        ("PodMonitor", "herald-worker", "spec", "podMetricsEndpoints"),
    ],
)
def test_a_difference_is_noticed(kustomize, path):
    kind, name, *way, last = path
    one = copy.deepcopy(kustomize[kind, name])
    place = one
    for step in way:
        place = place[step]
    place[last] = "other"
    assert common(one) != kustomize[kind, name]


@pytest.mark.parametrize(("path", "text"), list(copies().items()), ids=lambda one: getattr(one, "name", ""))
def test_the_alerts_are_those_of_the_monitoring_folder(path, text):
    assert path.read_text(encoding="utf-8") == text, "run `make contracts`"


def test_grafanas_sidecar_finds_each_dashboard():
    """Labels are not compared above; of these ConfigMaps one decides."""
    for found in (documents(overlay("production")), documents(rendering("helm"))):
        labelled = [one for one in found if one["metadata"].get("labels", {}).get("grafana_dashboard") == "1"]
        given = {name: text for one in labelled for name, text in one["data"].items()}
        assert given == {path.name: path.read_text(encoding="utf-8") for path in DASHBOARDS.glob("*.json")}
        assert len(labelled) == 3, "one each, as a ConfigMap holds 1 MiB at most"
    assert not [one for one in documents(overlay("demo")) if "dashboard" in one["metadata"]["name"]]
