"""What a real API server says of the manifests: it takes all that we ship, and refuses mistakes in them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.deploy.rendering import OVERLAYS, RENDERINGS, documents, named, rendering
from tests.kubernetes.control_plane import ControlPlane

SERVER = ("apply", "--server-side", "--validate=strict", "--warnings-as-errors", "-f", "-")
NIHIL = {"Namespace"}
NEVER_NEEDED = (("get", "secrets"), ("list", "pods"), ("create", "pods"), ("get", "configmaps"))


def _in(namespace: str, found: list[dict[str, Any]]) -> str:
    """Return the objects as one text, in this namespace; the namespace itself is there already."""
    moved = [copy.deepcopy(one) for one in found if one["kind"] not in NIHIL]
    for one in moved:
        one["metadata"]["namespace"] = namespace
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": moved})


@pytest.mark.parametrize("name", RENDERINGS)
def test_everything_is_taken_under_the_restricted_standard(
    cluster: ControlPlane, namespace: Callable[[str], str], name: str
):
    found = documents(rendering(name))
    here = namespace(f"admission-{name}")
    done = cluster.kubectl("--namespace", here, *SERVER, given=_in(here, found))
    applied = done.stdout.count("serverside-applied")
    assert applied == sum(one["kind"] not in NIHIL for one in found) > 10
    assert "Warning" not in done.stderr


@pytest.mark.parametrize("name", OVERLAYS)
def test_the_namespace_itself_demands_the_restricted_standard(cluster: ControlPlane, name: str):
    (one,) = (one for one in documents(rendering(name)) if one["kind"] == "Namespace")
    cluster.kubectl("apply", "--server-side", "--dry-run=server", "-f", "-", given=json.dumps(one))
    assert one["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def _without_limit_of_memory(one: dict[str, Any]) -> None:
    limits = _worker(one)["resources"]["limits"]
    limits["memory"] = "1Mi"


def _unknown_field(one: dict[str, Any]) -> None:
    one["spec"]["strategy"]["rollingUpdate"]["maxSurges"] = 0


def _text_for_a_number(one: dict[str, Any]) -> None:
    _worker(one)["livenessProbe"]["failureThreshold"] = "six"


def _worker(one: dict[str, Any]) -> dict[str, Any]:
    container: dict[str, Any] = one["spec"]["template"]["spec"]["containers"][0]
    return container


REFUSED = {
    _without_limit_of_memory: "must be less than or equal to memory limit",
    _unknown_field: "maxSurges",
    _text_for_a_number: "failureThreshold",
}


@pytest.mark.parametrize("change", REFUSED, ids=lambda one: one.__name__.strip("_"))
def test_a_mistake_in_a_deployment_is_refused(
    cluster: ControlPlane, change: Callable[[dict[str, Any]], None]
):
    one = copy.deepcopy(named(documents(rendering("production")), "Deployment", "herald-worker-nhis"))
    one["metadata"]["namespace"] = "default"
    change(one)
    done = cluster.kubectl(*SERVER, "--dry-run=server", given=json.dumps(one), check=False)
    assert done.returncode
    assert REFUSED[change] in done.stderr


LOOSENED: dict[str, Callable[[dict[str, Any]], None]] = {
    "runAsNonRoot": lambda spec: spec["securityContext"].update(runAsNonRoot=False, runAsUser=0),
    "allowPrivilegeEscalation": lambda spec: spec["containers"][0]["securityContext"].update(
        allowPrivilegeEscalation=True
    ),
    "capabilities": lambda spec: spec["containers"][0]["securityContext"].update(capabilities={}),
    "seccompProfile": lambda spec: spec["securityContext"].pop("seccompProfile"),
    "hostPath": lambda spec: spec["volumes"].append({"name": "host", "hostPath": {"path": "/"}}),
}


@pytest.mark.parametrize("rule", LOOSENED)
def test_a_pod_with_more_rights_is_not_admitted(
    cluster: ControlPlane, namespace: Callable[[str], str], rule: str
):
    template = named(documents(rendering("production")), "Deployment", "herald-worker-nhis")["spec"][
        "template"
    ]
    spec = copy.deepcopy(template["spec"])
    here = namespace(f"rights-{rule.lower()}")
    cluster.kubectl("--namespace", here, "create", "serviceaccount", spec["serviceAccountName"])
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "one", "namespace": here}, "spec": spec}
    spec["topologySpreadConstraints"] = []
    cluster.kubectl(*SERVER, "--dry-run=server", given=json.dumps(pod))
    LOOSENED[rule](spec)
    done = cluster.kubectl(*SERVER, "--dry-run=server", given=json.dumps(pod), check=False)
    assert done.returncode
    assert "restricted" in done.stderr
    assert rule in done.stderr or "restricted volume types" in done.stderr


CUSTOM = {
    ("KafkaTopic", "herald.nhis.submissions"): ("partitions", "many"),
    ("KafkaUser", "herald-worker-nhis"): ("authentication", {"type": "password"}),
    ("ScaledObject", "herald-worker-nhis"): ("maxReplicaCount", "many"),
    ("PodMonitor", "herald-worker"): ("podMetricsEndpoints", "health"),
    ("PrometheusRule", "herald"): ("groups", [{"rules": []}]),
}


@pytest.mark.parametrize("which", CUSTOM, ids=lambda which: which[0])
def test_the_definitions_of_custom_kinds_judge_them(cluster: ControlPlane, which: tuple[str, str]):
    member, wrong = CUSTOM[which]
    one = copy.deepcopy(named(documents(rendering("production")), *which))
    one["metadata"]["namespace"] = "default"
    assert member in one["spec"]
    one["spec"][member] = wrong
    done = cluster.kubectl(*SERVER, "--dry-run=server", given=json.dumps(one), check=False)
    assert done.returncode
    assert f"spec.{member}" in done.stderr


@pytest.mark.parametrize("right", NEVER_NEEDED, ids=" ".join)
def test_the_service_account_may_do_nothing(cluster: ControlPlane, right: tuple[str, str]):
    done = cluster.kubectl(
        "auth", "can-i", *right, "--as=system:serviceaccount:herald:herald", "--namespace=herald", check=False
    )
    assert done.stdout.strip() == "no"
