"""Topics, logins and scaling in Kubernetes are those of the code: one source, whatever file repeats it."""

from __future__ import annotations

import os

import pytest

from tests.deploy.rendering import KUBERNETES, documents, kustomized, named
from worker.kafka.intake_settings import IntakeSettings
from worker.kafka.rights import Role, rights_of
from worker.kafka.settings import KafkaSettings
from worker.kafka.topic_plan import wanted_topics
from worker.pipeline.routing import Routing
from worker.settings.systems import SYSTEMS

TOOL = "Kafka's topics, rights and lag"
KAFKA = KafkaSettings.model_validate({"bootstrap_servers": "kafka:9092"})
INTAKE = IntakeSettings()


def routing(system):
    return Routing.of(KAFKA.topic_prefix, system)


def submissions(system):
    return f"{KAFKA.topic_prefix}{system}.submissions"


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Return the objects of all systems there are, whatever the overlays choose of them."""
    folder = tmp_path_factory.mktemp("all")
    places = [os.path.relpath(KUBERNETES / "systems" / name, folder) for name in SYSTEMS]
    lines = ["resources:", f"- {os.path.relpath(KUBERNETES / 'base', folder)}", "components:"]
    (folder / "kustomization.yaml").write_text("\n".join([*lines, *(f"- {one}" for one in places)]))
    return documents(kustomized(folder))


def test_the_topics_are_those_that_the_command_creates(found):
    made = {
        one["metadata"]["name"]: (
            one["spec"]["partitions"],
            one["spec"]["replicas"],
            as_text(one["spec"]["config"]),
        )
        for one in found
        if one["kind"] == "KafkaTopic"
    }
    wanted = wanted_topics(KAFKA, [routing(system) for system in SYSTEMS])
    assert made == {spec.name: (spec.partitions, spec.replication, dict(spec.config)) for spec in wanted}


def as_text(config):
    """Return a topic's settings as Kafka has them."""
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in config.items()
    }


def granted(found, name):
    """Return what a KafkaUser may do, and assert that nothing is wider than it says."""
    user = named(found, "KafkaUser", name)
    assert user["spec"]["authorization"]["type"] == "simple"
    acls = user["spec"]["authorization"]["acls"]
    for acl in acls:
        assert set(acl) == {"resource", "operations"}, "an access rule for a host, or one that denies"
        assert acl["resource"]["patternType"] == "literal"
    return sorted(
        (one["resource"]["type"], one["resource"]["name"], tuple(one["operations"])) for one in acls
    )


def wanted_rights(role, *systems):
    """Return the rights, each once: a topic of notifications is of one system, and written by another's workers."""
    return sorted(
        {
            (str(right.resource), right.name, tuple(str(one) for one in right.operations))
            for system in systems
            for right in rights_of(role, routing(system), workers_group=INTAKE.group_of(system))
        }
    )


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(("name", "role"), [("herald-worker", Role.WORKER), ("herald-scaler", Role.SCALER)])
def test_a_system_s_logins_have_their_rights_and_no_others(found, system, name, role):
    assert granted(found, f"{name}-{system}") == wanted_rights(role, system)


def test_the_operator_s_login_has_the_rights_on_the_systems_that_are_there(found):
    assert granted(found, "herald-operator") == wanted_rights(Role.OPERATOR, *SYSTEMS)


def test_there_are_no_other_logins(found):
    names = {one["metadata"]["name"] for one in found if one["kind"] == "KafkaUser"}
    own = {f"herald-{kind}-{system}" for kind in ("worker", "scaler") for system in SYSTEMS}
    assert names == {"herald-operator", *own}


def spoil_by_prefix(acls):
    acls[0]["resource"] |= {"name": "herald.", "patternType": "prefix"}


def spoil_by_operation(acls):
    acls[0]["operations"].append("Alter")


def spoil_by_topic(acls):
    acls.append(
        {"resource": {"type": "topic", "name": "*", "patternType": "literal"}, "operations": ["Read"]}
    )


@pytest.mark.parametrize("spoil", [spoil_by_prefix, spoil_by_operation, spoil_by_topic])
def test_a_right_too_many_is_noticed(found, spoil):
    user = named(found, "KafkaUser", "herald-worker-nhis")
    spoilt = {**user, "spec": {**user["spec"], "authorization": {"type": "simple", "acls": copied(user)}}}
    spoil(spoilt["spec"]["authorization"]["acls"])
    with pytest.raises(AssertionError):
        assert granted([spoilt], "herald-worker-nhis") == wanted_rights(Role.WORKER, "nhis")


def copied(user):
    return [
        {"resource": dict(one["resource"]), "operations": list(one["operations"])}
        for one in user["spec"]["authorization"]["acls"]
    ]


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_system_s_lag_is_that_of_its_workers_group_in_its_topic(found, system):
    (trigger,) = named(found, "ScaledObject", f"herald-worker-{system}")["spec"]["triggers"]
    told = trigger["metadata"]
    assert told["topic"] == submissions(system)
    assert told["consumerGroup"] == INTAKE.group_of(system)
    # A system that is away moves no offset, and must not be answered by more workers.
    assert (told["excludePersistentLag"], told["limitToPartitionsWithLag"]) == ("true", "true")
    # The intake begins a topic of which it has read nothing at the first record.
    assert told["offsetResetPolicy"] == "earliest"


@pytest.mark.parametrize("system", SYSTEMS)
def test_no_more_workers_than_partitions_and_never_none(found, system):
    spec = named(found, "ScaledObject", f"herald-worker-{system}")["spec"]
    partitions = named(found, "KafkaTopic", submissions(system))["spec"]["partitions"]
    assert 2 <= spec["minReplicaCount"] <= spec["maxReplicaCount"] <= partitions
    down = spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]["scaleDown"]
    assert down["stabilizationWindowSeconds"] >= 300
    assert [one["value"] for one in down["policies"]] == [1]


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_scaler_logs_in_as_itself(found, system):
    login = f"herald-scaler-{system}"
    scaled = named(found, "ScaledObject", f"herald-worker-{system}")["spec"]
    (trigger,) = scaled["triggers"]
    assert trigger["authenticationRef"] == {"name": login}
    given = named(found, "TriggerAuthentication", login)["spec"]
    assert {one["parameter"]: (one["name"], one["key"]) for one in given["secretTargetRef"]} == {
        "password": (login, "password"),
        "ca": ("hospital-cluster-ca-cert", "ca.crt"),
    }
    assert [(one["name"], one["key"]) for one in given["configMapTargetRef"]] == [(login, "username")]
    assert named_plainly(found, login)["data"] == {"username": login}
    assert scaled["scaleTargetRef"] == {"name": f"herald-worker-{system}"}
    assert named(found, "Deployment", f"herald-worker-{system}")


def named_plainly(found, name):
    (one,) = (one for one in found if one["kind"] == "ConfigMap" and one["metadata"]["name"] == name)
    return one
