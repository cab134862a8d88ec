"""What every pod promises: how it ends, what it may do, who it is, and that what selects it finds it."""

from __future__ import annotations

import inspect

import pytest
import yaml

from tests.deploy.rendering import OVERLAYS, containers, documents, named, overlay, pods, settings_of
from worker.cancelling import ABANDON_PAUSE
from worker.journal.postgres import PostgresJournal
from worker.journal.settings import JournalSettings
from worker.kafka.aiokafka_sender import STOP_DEADLINE
from worker.kafka.committer import LEAVE_DEADLINE
from worker.kafka.intake_settings import IntakeSettings
from worker.observability.settings import HealthSettings
from worker.observability.tracing.building import FLUSH_SECONDS

TOOL = "pods and what selects them"
JOURNAL_CLOSE = 5.0
"""The default of `PostgresJournal.close`."""
AFTER_THE_DRAIN = (
    ABANDON_PAUSE  # aborted exchanges write their state
    + 2 * LEAVE_DEADLINE  # the last commit, and leaving the group
    + 2 * STOP_DEADLINE  # the producer of replies
    + JOURNAL_CLOSE
    + JournalSettings.model_fields["statement_seconds"].default  # the end of the lease
    + FLUSH_SECONDS  # the last traces
)
MARGIN = 3.0
"""Seconds for what has no deadline of its own: closing connections, and a busy node."""
WORKERS = [
    (name, pod)
    for name in OVERLAYS
    for pod in pods(documents(overlay(name)))
    if pod.startswith("Deployment/herald-worker")
]
HERALDS = [(name, pod) for name in OVERLAYS for pod in pods(documents(overlay(name))) if "/herald-" in pod]


def pod_of(name, pod):
    return pods(documents(overlay(name)))[pod]


@pytest.mark.parametrize(("name", "pod"), WORKERS)
def test_a_worker_has_time_for_its_drain_and_for_what_follows(name, pod):
    grace = pod_of(name, pod)["spec"]["terminationGracePeriodSeconds"]
    assert AFTER_THE_DRAIN == 40, "say the new number in the manifests and in docs/operations.md"
    intake = yaml.safe_load(settings_of(name)).get("intake", {})
    drain = IntakeSettings.model_validate(intake).drain_seconds
    assert drain + AFTER_THE_DRAIN + MARGIN <= grace <= drain + AFTER_THE_DRAIN + 10


@pytest.mark.parametrize(("name", "pod"), WORKERS)
def test_a_rollout_and_a_drained_node_take_one_worker_at_a_time(name, pod):
    """More workers than there are now would send more than the system has been promised."""
    found = documents(overlay(name))
    (deployment,) = (one for one in found if f"{one['kind']}/{one['metadata']['name']}" == pod)
    update = deployment["spec"]["strategy"]["rollingUpdate"]
    assert (update["maxSurge"], update["maxUnavailable"]) == (0, 1)
    budgets = [one["spec"] for one in found if one["kind"] == "PodDisruptionBudget"]
    own = [one for one in budgets if one["selector"] == deployment["spec"]["selector"]]
    assert [one["maxUnavailable"] for one in own] == [1]
    spread = deployment["spec"]["template"]["spec"]["topologySpreadConstraints"]
    assert all(one["labelSelector"] == deployment["spec"]["selector"] for one in spread)
    assert {one["topologyKey"] for one in spread} == {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}


def test_the_time_after_the_drain_is_that_of_the_code():
    assert inspect.signature(PostgresJournal.close).parameters["seconds"].default == JOURNAL_CLOSE


@pytest.mark.parametrize(("name", "pod"), HERALDS)
def test_nothing_runs_with_more_rights_than_it_needs(name, pod):
    template = pod_of(name, pod)
    spec = template["spec"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["enableServiceLinks"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] == 10001
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for one in containers(template):
        assert one["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {"memory", "ephemeral-storage"} <= set(one["resources"]["limits"])
        assert {"cpu", "memory", "ephemeral-storage"} <= set(one["resources"]["requests"])
        assert "/tmp" in [mount["mountPath"] for mount in one["volumeMounts"] if not mount.get("readOnly")]  # noqa: S108


@pytest.mark.parametrize(("name", "pod"), WORKERS)
def test_a_worker_s_probes(name, pod):
    (worker,) = pod_of(name, pod)["spec"]["containers"]
    assert worker["ports"] == [{"name": "health", "containerPort": HealthSettings().port}]
    asked = {probe: worker[probe]["httpGet"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert asked == {
        "startupProbe": {"path": "/startupz", "port": "health"},
        "livenessProbe": {"path": "/livez", "port": "health"},
        "readinessProbe": {"path": "/readyz", "port": "health"},
    }


@pytest.mark.parametrize(("name", "pod"), WORKERS)
def test_a_worker_checks_before_it_starts_and_serves_the_one_system_of_its_name(name, pod):
    template = pod_of(name, pod)
    system = pod.removeprefix("Deployment/herald-worker-")
    *_, check = template["spec"]["initContainers"]
    (worker,) = template["spec"]["containers"]
    given = [word for word in check["args"] if word != "--test-installation" or name != "demo"]
    assert given == ["check", "--connect", "--init-container", "--wait", "60", "--systems", system]
    assert worker["args"] == ["worker", "--systems", system]
    assert check["env"] == worker["env"]
    assert check["volumeMounts"] == worker["volumeMounts"]
    assert template["metadata"]["labels"]["herald/system"] == system


def test_a_worker_logs_in_to_kafka_as_its_system_does():
    found = documents(overlay("production"))
    for pod, template in pods(found).items():
        login = pod.partition("/")[2] if "herald-worker" in pod else "herald-operator"
        secrets = {
            volume["name"]: volume["secret"]["secretName"]
            for volume in template["spec"]["volumes"]
            if "secret" in volume
        }
        assert secrets == {
            "journal": "herald-journal",
            "kafka-login": login,
            "kafka-ca": "hospital-cluster-ca-cert",
            "signers": "herald-signers",
            "systems": "herald-systems",
        }
        assert named(found, "KafkaUser", login)["spec"]["authentication"] == {"type": "scram-sha-512"}
        for one in containers(template):
            variables = {variable["name"]: variable["value"] for variable in one["env"]}
            assert variables == {
                "HERALD_CONFIG": "/etc/herald/herald.yaml",
                "HERALD_KAFKA__SECURITY__USERNAME": login,
            }


@pytest.mark.parametrize("name", OVERLAYS)
def test_what_selects_pods_finds_those_it_means(name):
    found = documents(overlay(name))
    labels = {pod: template["metadata"]["labels"] for pod, template in pods(found).items()}
    for one in found:
        kind, spec = one["kind"], one.get("spec", {})
        if kind == "Deployment":
            own = {pod for pod, has in labels.items() if selects(spec["selector"], has)}
            assert own == {f"Deployment/{one['metadata']['name']}"}
            for spread in spec["template"]["spec"].get("topologySpreadConstraints", ()):
                assert spread["labelSelector"] == spec["selector"]
        elif kind == "PodDisruptionBudget":
            own = {pod for pod, has in labels.items() if selects(spec["selector"], has)}
            assert own == {f"Deployment/{one['metadata']['name']}"}
        elif kind == "PodMonitor":
            own = {pod for pod, has in labels.items() if selects(spec["selector"], has)}
            assert own == {pod for pod in labels if "herald-worker" in pod}
        elif kind == "NetworkPolicy":
            assert [pod for pod, has in labels.items() if selects(spec["podSelector"], has)] != []


def selects(selector, labels):
    """Whether a selector fits; of expressions only `In`, which is all that is used."""
    assert set(selector) <= {"matchLabels", "matchExpressions"}
    assert all(one["operator"] == "In" for one in selector.get("matchExpressions", ()))
    return all(labels.get(name) == value for name, value in selector.get("matchLabels", {}).items()) and all(
        labels.get(one["key"]) in one["values"] for one in selector.get("matchExpressions", ())
    )


def test_each_system_s_hosts_are_reached_by_its_own_pods_and_people_s_commands_alone():
    found = documents(overlay("production"))
    labels = {pod: template["metadata"]["labels"] for pod, template in pods(found).items()}
    open_to = {}
    for one in (one for one in found if one["kind"] == "NetworkPolicy"):
        spec = one["spec"]
        chosen = {pod for pod, has in labels.items() if selects(spec["podSelector"], has)}
        for rule in spec.get("egress", ()):
            assert rule["ports"], "a rule without ports opens all of them"
            for to in rule["to"]:
                assert to, "an empty rule opens every address"
                for port in rule["ports"]:
                    if port["port"] == 443:
                        open_to.setdefault(to["ipBlock"]["cidr"], set()).update(chosen)
    assert sorted(map(sorted, open_to.values())) == [
        ["Deployment/herald-operator", "Deployment/herald-worker-erx"],
        ["Deployment/herald-operator", "Deployment/herald-worker-nhif"],
        ["Deployment/herald-operator", "Deployment/herald-worker-nhis"],
    ]
    assert all(cidr.endswith("/32") for cidr in open_to)
