"""What Kubernetes' own controllers make of the manifests: rollouts, the spread over zones, drains of nodes."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.deploy.page_commands import lines_of
from tests.deploy.rendering import documents, named, rendering
from tests.kubernetes.carried_out import carry_out
from tests.kubernetes.conftest import NAMESPACE, WORKER, ZONES
from tests.kubernetes.control_plane import ControlPlane

LABEL = "app.kubernetes.io/component=worker,herald/system=nhis"


def test_the_migration_ends_and_every_deployment_becomes_available(installed: ControlPlane):
    wait = ("--namespace", NAMESPACE, "wait", "--timeout=90s")
    installed.kubectl(*wait, "--for=condition=Complete", "job/herald-migration")
    installed.kubectl(*wait, "--for=condition=Available", "--all", "deployments")


def test_workers_of_a_system_are_spread_over_the_zones(installed: ControlPlane):
    assert Counter(pod["spec"]["nodeName"] for pod in _pods(installed)) == {
        f"node-{zone}": 1 for zone in ZONES
    }


def test_a_rollout_replaces_one_worker_at_a_time_and_never_has_more(installed: ControlPlane):
    kubectl = ("--namespace", NAMESPACE)
    # Kubernetes waits `minReadySeconds` for each; the order is the same with less.
    patch = {"spec": {"minReadySeconds": 2}}
    installed.kubectl(*kubectl, "patch", WORKER, "--patch", json.dumps(patch))
    before = {pod["metadata"]["name"] for pod in _pods(installed)}
    installed.kubectl(*kubectl, "set", "env", WORKER, "HERALD_LOG__LEVEL=debug")
    seen: list[int] = []
    until = time.monotonic() + 90
    while (now := {pod["metadata"]["name"] for pod in _running(installed)}) & before or len(now) < 3:
        seen.append(len(now))
        assert time.monotonic() < until
        time.sleep(0.2)
    assert not now & before
    assert max(seen) <= 3
    assert min(seen) >= 2


def test_a_drain_takes_one_worker_and_the_next_only_when_it_is_back(installed: ControlPlane):
    # A pod that is not ready may always be evicted (`unhealthyPodEvictionPolicy`).
    installed.kubectl("--namespace", NAMESPACE, "rollout", "status", WORKER, "--timeout=90s")
    first, second, _ = (pod["metadata"]["name"] for pod in _running(installed))
    # Until a node is free, the successor waits.
    nodes = [f"node-{zone}" for zone in ZONES]
    installed.kubectl("cordon", *nodes)
    try:
        _eventually(lambda: "Success" in _evict(installed, first))
        _eventually(lambda: first not in {pod["metadata"]["name"] for pod in _pods(installed)})
        assert "disruption budget" in _evict(installed, second)
    finally:
        installed.kubectl("uncordon", *nodes)
    installed.kubectl("--namespace", NAMESPACE, "rollout", "status", WORKER, "--timeout=90s")
    _eventually(lambda: "Success" in _evict(installed, second))


def test_the_chart_is_installed_and_upgraded_by_helm(
    cluster: ControlPlane, namespace: Callable[[str], str], page_folder: Path
):
    """By the page's line, beside what Kustomize has installed."""
    here = namespace("by-helm")
    (line,) = (one for one in lines_of("production", installing=True) if one.startswith("helm "))
    assert f"--namespace {NAMESPACE} " in line
    for extra in ("", " --set image.tag=0.1.1"):
        carry_out(
            cluster, line.replace(f"--namespace {NAMESPACE} ", f"--namespace {here} ") + extra, page_folder
        )
    found = cluster.objects("--namespace", here, "pods", "-l", "app.kubernetes.io/component=worker")
    images = {pod["spec"]["containers"][0]["image"] for pod in found["items"]}
    assert {image.rpartition(":")[2] for image in images} == {"0.1.1"}


def test_a_deployment_keeps_the_number_that_keda_has_set(installed: ControlPlane):
    """A second `kubectl apply` must not set the replicas back."""
    one = named(documents(rendering("production")), "Deployment", "herald-worker-nhis")
    assert "replicas" not in one["spec"]
    installed.kubectl("--namespace", NAMESPACE, "apply", "-f", "-", given=json.dumps(one))
    found = installed.objects("--namespace", NAMESPACE, WORKER)
    assert found["spec"]["replicas"] == 3


def _pods(cluster: ControlPlane) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cluster.objects("--namespace", NAMESPACE, "pods", "-l", LABEL)["items"]
    return found


def _running(cluster: ControlPlane) -> list[dict[str, Any]]:
    """Return the pods that are not being deleted."""
    return [pod for pod in _pods(cluster) if "deletionTimestamp" not in pod["metadata"]]


def _evict(cluster: ControlPlane, name: str) -> str:
    eviction = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": name, "namespace": NAMESPACE},
    }
    path = f"/api/v1/namespaces/{NAMESPACE}/pods/{name}/eviction"
    done = cluster.kubectl("create", "--raw", path, "-f", "-", given=json.dumps(eviction), check=False)
    return done.stdout + done.stderr


def _eventually(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.5)
