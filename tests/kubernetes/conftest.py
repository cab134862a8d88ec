"""One control plane for all tests; each test has a namespace of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kubernetes.control_plane import ControlPlane
from tests.kubernetes.programs import prepare

CRDS = Path(__file__).parents[1] / "deploy" / "crds"
ZONES = ("north", "south", "east")


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """Three ready nodes in three zones, and the custom kinds of Strimzi, KEDA and the Prometheus operator."""
    programs = prepare()
    with ControlPlane(programs, tmp_path_factory.mktemp("kubernetes")) as plane:
        plane.kubectl("apply", "--server-side", "-f", str(CRDS))
        plane.kubectl("wait", "--for=condition=Established", "--all", "customresourcedefinitions")
        plane.start_nodes(programs.stages)
        plane.kubectl("apply", "-f", "-", given=json.dumps(_nodes()))
        plane.kubectl("wait", "--for=condition=Ready", "--all", "nodes", "--timeout=60s")
        yield plane


@pytest.fixture
def namespace(cluster: ControlPlane) -> Iterator[Callable[[str], str]]:
    """Make a namespace under the Pod Security Standard "restricted"."""
    made = []

    def make(name: str) -> str:
        cluster.kubectl("create", "namespace", name)
        level = "pod-security.kubernetes.io/enforce=restricted"
        cluster.kubectl("label", "namespace", name, level, "pod-security.kubernetes.io/warn=restricted")
        made.append(name)
        return name

    yield make
    for name in made:
        cluster.kubectl("delete", "namespace", name, "--wait=false")


def _nodes() -> dict[str, object]:
    return {"apiVersion": "v1", "kind": "List", "items": [_node(zone) for zone in ZONES]}


def _node(zone: str) -> dict[str, object]:
    room = {"cpu": "16", "memory": "64Gi", "ephemeral-storage": "100Gi", "pods": "110"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": f"node-{zone}",
            "annotations": {"kwok.x-k8s.io/node": "fake"},
            "labels": {"topology.kubernetes.io/zone": zone, "kubernetes.io/hostname": f"node-{zone}"},
        },
        "status": {"allocatable": room, "capacity": room},
    }
