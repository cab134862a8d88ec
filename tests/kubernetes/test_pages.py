"""The commands of the pages for operators and of docs/runbook.md, line by line, against a real API server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.page_commands import INLINE, OF_ALERTS, lines_of
from tests.deploy.rendering import documents, named, rendering
from tests.kubernetes.carried_out import carry_out
from tests.kubernetes.control_plane import ControlPlane
from tests.support.readme import ROOT

LATER = list(dict.fromkeys([*lines_of("production"), *OF_ALERTS, *INLINE]))
WRONG = (
    "kubectl -n herold get pods",
    "kubectl -n herald get pods -l app.kubernetes.io/component=wrong",
    "kubectl -n herald top pods -l app.kubernetes.io/component=wrong",
    "kubectl -n herald get secret herald-signer",
    "kubectl -n herald logs deploy/herald-worker",
    "kubectl -n herald logs deploy/herald-worker-nhis -c wrong",
    "kubectl -n herald logs -l app.kubernetes.io/component=worker -c wrong",
    "kubectl -n herald exec deploy/herald-operator -c wrong -- herald status",
    "kubectl -n herald describe deploy/herald",
    "kubectl -n herald delete job herald-migrations --ignore-not-found",
    "kubectl -n herald annotate scaledobjects -l wrong=label autoscaling.keda.sh/paused-replicas=0",
    'kubectl get --raw "/api/v1/namespaces/herald/pods/wrong:8080/proxy/readyz"',
    "kubectl apply -k deploy/kubernetes/overlays/wrong",
)


@pytest.fixture(scope="module")
def beside_kafka(installed: ControlPlane) -> Iterator[str]:
    """Stand in for a broker of Strimzi's, with the labels by which Herald's pods may reach it; yield a worker's pod."""
    installed.kubectl("apply", "-f", "-", given=json.dumps(_broker()))
    pods: list[dict[str, Any]] = installed.objects("-n", "herald", "pods", "-l", "herald/system=nhis")[
        "items"
    ]
    yield pods[0]["metadata"]["name"]
    installed.kubectl("--namespace", "herald", "delete", "pod", "broker", "--wait=false")
    # Some lines have removed the job.
    installed.kubectl("apply", "-k", str(ROOT / "deploy" / "kubernetes" / "overlays" / "production"))


@pytest.mark.parametrize("line", LATER)
def test_a_line_about_an_installation_is_carried_out(
    installed: ControlPlane, beside_kafka: str, page_folder: Path, line: str
):
    carry_out(installed, line, page_folder, pod=beside_kafka)


@pytest.mark.parametrize("line", WRONG)
def test_a_wrong_name_is_noticed(installed: ControlPlane, beside_kafka: str, page_folder: Path, line: str):
    with pytest.raises(AssertionError, match="kubectl"):
        carry_out(installed, line, page_folder)


def test_the_demo_from_its_first_line_to_its_last(cluster: ControlPlane, page_folder: Path):
    lines = lines_of("demo")
    assert lines[0].startswith("kubectl apply")
    for line in lines:
        carry_out(cluster, line, page_folder)


def _broker() -> dict[str, object]:
    policy = named(documents(rendering("production")), "NetworkPolicy", "herald")
    (labels,) = (
        to["podSelector"]["matchLabels"]
        for rule in policy["spec"]["egress"]
        for to in rule["to"]
        if "strimzi.io/kind" in to.get("podSelector", {}).get("matchLabels", {})
    )
    restricted = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    container = {"name": "kafka", "image": "kafka:test", "securityContext": restricted}
    security = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "broker", "namespace": "herald", "labels": labels},
        "spec": {
            "containers": [container],
            "securityContext": security,
            "automountServiceAccountToken": False,
        },
    }
