"""kubeconform: every object against the schema of its kind, where unknown fields are refused."""

from __future__ import annotations

import copy
import json

import pytest
import yaml

from tests.deploy.rendering import (
    KUBERNETES,
    RENDERINGS,
    documents,
    kustomized,
    named,
    overlay,
    rendering,
    run,
    templated,
)
from tests.deploy.schemas import VERSION, write_schemas
from tests.deploy.test_esb_systems import SETTINGS, arguments, receiver_route
from tests.deploy.test_helm import RECEIVER

TOOL = "kubeconform"


@pytest.fixture(scope="module")
def locations(tmp_path_factory):
    return write_schemas(tmp_path_factory.mktemp("schemas"))


@pytest.fixture(scope="module")
def refused(locations):
    """Return what kubeconform refuses, as `Kind/name: why`."""

    def validate(text: str) -> list[str]:
        options = ["-strict", "-output", "json", "-kubernetes-version", VERSION, "-summary"]
        for location in locations:
            options += ["-schema-location", location]
        done = run("kubeconform", *options, given=text)
        told = json.loads(done.stdout)
        found = [
            f"{one['kind']}/{one['name']}: {one['msg']}"
            for one in told["resources"]
            if one["status"] != "statusValid"
        ]
        assert (done.returncode == 0) == (not found), done.stdout
        # An object without a schema would pass unseen.
        assert told["summary"]["skipped"] == 0
        assert told["summary"]["valid"] + len(found) == len(documents(text))
        return found

    return validate


@pytest.mark.parametrize("name", RENDERINGS)
def test_renderings(refused, name):
    assert refused(rendering(name)) == []


def spoilt_object(kind, name, path, value):
    """Return an object of the production overlay with one value in it replaced; None removes it."""
    one = copy.deepcopy(named(documents(overlay("production")), kind, name))
    *way, last = path
    place = one
    for step in way:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return one


WORKER = ("Deployment", "herald-worker-nhis")
POD = ("spec", "template", "spec")
SPOILT = {
    "a wrong type": (*WORKER, ("spec", "minReadySeconds"), "ten", "minReadySeconds"),
    "an unknown field": (*WORKER, (*POD, "automountToken"), False, "automountToken"),
    "an unknown field of a container": (*WORKER, (*POD, "containers", 0, "limits"), {}, "limits"),
    "a missing field": (*WORKER, ("spec", "selector"), None, "selector"),
    "an unknown field of a budget": (
        "PodDisruptionBudget", "herald-worker-nhis", ("spec", "maxAvailable"), 1, "maxAvailable",
    ),
    "a topic's number as text": ("KafkaTopic", "herald.nhis.results", ("spec", "partitions"), "12", "partitions"),
    "an unknown field of a topic": ("KafkaTopic", "herald.nhis.results", ("spec", "replication"), 3, "replication"),
    "an unknown right": (
        "KafkaUser", "herald-worker-nhis", ("spec", "authorization", "acls", 0, "operations", 0), "Reed", "operations",
    ),
    "an unknown kind of resource": (
        "KafkaUser", "herald-worker-nhis", ("spec", "authorization", "acls", 0, "resource", "type"), "topics", "type",
    ),
    "a trigger's flag that is no text": (
        "ScaledObject", "herald-worker-nhis", ("spec", "triggers", 0, "metadata", "excludePersistentLag"), True,
        "excludePersistentLag",
    ),
    "an unknown field of a scaler": (
        "ScaledObject", "herald-worker-nhis", ("spec", "minReplicas"), 2, "minReplicas",
    ),
    "a reference without a key": (
        "TriggerAuthentication", "herald-scaler-nhis", ("spec", "secretTargetRef", 0, "key"), None, "key",
    ),
    "a monitor's interval that is none": (
        "PodMonitor", "herald-worker", ("spec", "podMetricsEndpoints", 0, "interval"), "soon", "interval",
    ),
    "a rule without an expression": (
        "PrometheusRule", "herald", ("spec", "groups", 0, "rules", 0, "expr"), None, "expr",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def verdicts(refused):
    """Return what is said of each spoilt object. One run for all: reading the schemas takes most of its time."""
    objects = []
    for number, (kind, name, path, value, _) in enumerate(SPOILT.values()):
        one = spoilt_object(kind, name, path, value)
        one["metadata"]["name"] = f"spoilt-{number}"
        objects.append(one)
    return refused(yaml.safe_dump_all(objects))


@pytest.mark.parametrize(("number", "case"), list(enumerate(SPOILT)), ids=list(SPOILT))
def test_what_is_spoilt_is_refused(verdicts, number, case):
    kind, _, _, _, told = SPOILT[case]
    (found,) = (one for one in verdicts if one.startswith(f"{kind}/spoilt-{number}: "))
    assert told in found


def test_no_object_of_the_systems_behind_the_esb_is_refused(refused):
    """With a receiver, its Ingress, and an object storage: the examples of production have none of these."""
    sets = (
        *SETTINGS,
        *RECEIVER,
        'receiver.notifications=["edelivery"]',
        receiver_route("edelivery"),
        'receiver.ingress.host="calls.hospital.example"',
        'config.files={"backend": "s3"}',
        'network.objectStorage=["203.0.113.60/32"]',
    )
    assert refused(templated(*arguments(*sets))) == []
    for folder in ("esb", "object-storage"):
        assert refused(kustomized(KUBERNETES / "egress" / folder)) == []
