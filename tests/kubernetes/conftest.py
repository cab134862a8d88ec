"""One control plane for all tests; each test has a namespace of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.deploy.page_commands import lines_of
from tests.kubernetes.carried_out import carry_out
from tests.kubernetes.control_plane import ControlPlane
from tests.kubernetes.programs import prepare

ROOT = Path(__file__).parents[2]
CRDS = Path(__file__).parents[1] / "deploy" / "crds"
ZONES = ("north", "south", "east")
NAMESPACE = "herald"
WORKER = "deployment/herald-worker-nhis"
SECRETS = (
    "journal-dsn",
    "signers/dr-petrova.p12",
    "signers/dr-petrova.password",
    "systems/erx-client.password",
)
"""The files that the page makes Secrets of; nothing reads what is in them here."""


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


@pytest.fixture(scope="session")
def page_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which people run the commands of the pages: that of the project, with their secrets in it."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "deploy").symlink_to(ROOT / "deploy")
    for name in SECRETS:
        path = folder / "secrets" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("invented")
    return folder


@pytest.fixture(scope="session")
def installed(cluster: ControlPlane, page_folder: Path) -> ControlPlane:
    """Install the overlay for production, line by line as its page says; three workers of one system, as by KEDA."""
    for line in lines_of("production", installing=True):
        if line.startswith("kubectl "):  # in place of them, Helm: a test of its own
            carry_out(cluster, line, page_folder)
    cluster.kubectl("--namespace", NAMESPACE, "scale", WORKER, "--replicas=3")
    cluster.kubectl("--namespace", NAMESPACE, "rollout", "status", WORKER, "--timeout=90s")
    return cluster


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
