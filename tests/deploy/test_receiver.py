"""The receiver in Kubernetes: Kustomize's folder, which no overlay lists, is what the chart makes if enabled."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.deploy.rendering import CHART, KUBERNETES, documents, kustomized, named, pods, templated
from tests.deploy.test_helm import RECEIVER
from tests.deploy.test_kafka_facts import KAFKA, as_text, routing
from worker.kafka.topic_plan import wanted_topics

TOOL = "the receiver"
FOLDER = KUBERNETES / "receiver"


@pytest.fixture(scope="module")
def kustomize():
    return documents(kustomized(FOLDER))


@pytest.fixture(scope="module")
def helm():
    sets = [word for one in RECEIVER for word in ("--set-json", one)]
    return documents(templated("--values", str(CHART.parent / "production.yaml"), *sets))


def test_no_overlay_lists_it():
    for path in (KUBERNETES / "overlays").rglob("kustomization.yaml"):
        assert "/receiver" not in path.read_text(encoding="utf-8")


def test_the_pods_of_both_are_the_same(kustomize, helm):
    one, other = (pods(found)["Deployment/herald-receiver"]["spec"] for found in (kustomize, helm))
    assert {**container(one), "image": None} == {**container(other), "image": None}
    assert by_name(one["volumes"]) == by_name(other["volumes"])
    same = ("securityContext", "serviceAccountName", "automountServiceAccountToken", "enableServiceLinks")
    for field in (*same, "terminationGracePeriodSeconds"):
        assert one[field] == other[field], field


def container(spec):
    (one,) = spec["containers"]
    return {**one, "volumeMounts": by_name(one["volumeMounts"])}


def by_name(listed):
    return {one["name"]: {key: value for key, value in one.items() if key != "configMap"} for one in listed}


def test_both_have_the_same_other_objects(kustomize, helm):
    kinds = {"Deployment", "Service", "PodDisruptionBudget", "PodMonitor", "NetworkPolicy", "KafkaUser"}
    for found in (kustomize, helm):
        assert {one["kind"] for one in found if one["metadata"]["name"] == "herald-receiver"} == kinds
    services = [named(found, "Service", "herald-receiver")["spec"]["ports"] for found in (kustomize, helm)]
    assert services[0] == services[1]


def test_the_secret_of_its_files_is_not_that_of_its_login(kustomize, helm):
    for found in (kustomize, helm):
        volumes = pods(found)["Deployment/herald-receiver"]["spec"]["volumes"]
        secrets = [one["secret"]["secretName"] for one in volumes if "secret" in one]
        assert len(secrets) == len(set(secrets))


def test_the_topic_is_the_one_that_the_command_creates():
    (made,) = documents(kustomized(KUBERNETES / "systems" / "topics" / "notifications"))
    wanted = wanted_topics(KAFKA, [replace(routing("nhis"), notifications="notifications")])
    (spec,) = (one for one in wanted if one.name == "notifications")
    assert (made["spec"]["partitions"], made["spec"]["replicas"]) == (spec.partitions, spec.replication)
    assert as_text(made["spec"]["config"]) == dict(spec.config)
