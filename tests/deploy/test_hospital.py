"""A hospital with topics of its own: Kustomize's component adds what the chart makes of the same settings.

The settings are those of docs/operations.md. The component is in the example of production, which does not list it.
"""

from __future__ import annotations

import json
import os

import pytest
import yaml

from tests.deploy.rendering import CHART, KUBERNETES, documents, kustomized, named, overlay, templated
from tests.deploy.test_examples import EXAMPLES
from tests.deploy.test_kafka_facts import INTAKE, KAFKA, as_text, granted
from tests.deploy.test_parity import by_name
from worker.kafka.rights import Role, rights_of
from worker.kafka.topic_plan import wanted_topics
from worker.settings.load import load

TOOL = "topics of one hospital"
PRODUCTION = KUBERNETES / "overlays" / "production"
COMPONENT = PRODUCTION / "hospital-pleven"
SETTINGS = EXAMPLES["hospital"]
OWN = {"herald.nhis.submissions.pleven", "pleven.results", "pleven.errors"}
SOURCE = "https://his.pleven.example/ward-3"
CONCERNED = {"KafkaTopic", "KafkaUser", "ScaledObject"}


@pytest.fixture(scope="module")
def kustomize(tmp_path_factory):
    """Return the objects of the production overlay with the component, which comes after the systems."""
    folder = tmp_path_factory.mktemp("hospital")
    listed = [os.path.relpath(one, folder) for one in (PRODUCTION, COMPONENT)]
    (folder / "kustomization.yaml").write_text(
        yaml.safe_dump({"resources": listed[:1], "components": listed[1:]})
    )
    return documents(kustomized(folder))


@pytest.fixture(scope="module")
def helm():
    sets = [
        word for name, one in SETTINGS.items() for word in ("--set-json", f"config.{name}={json.dumps(one)}")
    ]
    return documents(templated("--values", str(CHART.parent / "production.yaml"), *sets))


def concerned(found):
    """Return the objects that topics decide about, without the hospital's login, which the chart does not make."""
    return {
        key: one for key, one in by_name(found).items() if key[0] in CONCERNED and key[1] != COMPONENT.name
    }


def test_both_tools_make_the_same(kustomize, helm):
    assert concerned(kustomize) == concerned(helm)


def test_the_component_adds_what_a_hospital_needs_and_changes_nothing_else(kustomize):
    before, after = by_name(documents(overlay("production"))), by_name(kustomize)
    assert after.keys() - before.keys() == {
        *(("KafkaTopic", name) for name in OWN),
        ("KafkaUser", COMPONENT.name),
    }
    assert {key for key, one in before.items() if after[key] != one} == {
        ("KafkaUser", "herald-operator"), ("KafkaUser", "herald-scaler-nhis"), ("ScaledObject", "herald-worker-nhis"),
        *(("KafkaUser", f"herald-worker-{system}") for system in ("nhis", "nhif", "erx")),
    }  # fmt: skip


@pytest.fixture(scope="module")
def routing(tmp_path_factory):
    """Return the topics of a system by these settings."""
    folder = tmp_path_factory.mktemp("settings")
    secret = folder / "secret"
    secret.write_text("postgresql://herald@db.invalid/herald")
    document = {
        "kafka": {"bootstrap_servers": ["kafka:9092"]},
        "journal": {"dsn_file": str(secret)},
        "systems": {"nhis": {}, "erx": {"client": {"username": "our-his", "password_file": str(secret)}}},
    }
    (folder / "herald.yaml").write_text(yaml.safe_dump(document | SETTINGS))
    return load(folder / "herald.yaml", {}).routing_of


def test_the_topics_are_those_that_the_command_creates(kustomize, routing):
    made = {
        one["metadata"]["name"]: as_text(one["spec"]["config"])
        for one in kustomize
        if one["kind"] == "KafkaTopic" and one["metadata"]["name"] in OWN
    }
    wanted = wanted_topics(KAFKA, [routing("nhis")])
    assert made == {spec.name: dict(spec.config) for spec in wanted if spec.name in OWN}


def told(rights):
    return sorted((str(one.resource), one.name, tuple(map(str, one.operations))) for one in rights)


@pytest.mark.parametrize(
    ("login", "role", "system"),
    [
        ("herald-worker-nhis", Role.WORKER, "nhis"),
        ("herald-worker-erx", Role.WORKER, "erx"),
        ("herald-scaler-nhis", Role.SCALER, "nhis"),
    ],
)
def test_the_logins_have_their_rights_and_no_others(kustomize, routing, login, role, system):
    rights = rights_of(role, routing(system), workers_group=INTAKE.group_of(system))
    assert granted(kustomize, login) == told(rights)


def test_the_hospital_has_its_rights_and_no_others(kustomize, routing):
    rights = rights_of(
        Role.HOSPITAL,
        routing("nhis"),
        workers_group=INTAKE.group_of("nhis"),
        sources=[SOURCE],
        own_group=COMPONENT.name,
    )
    assert granted(kustomize, COMPONENT.name) == told(rights)


def test_the_lag_of_both_topics_counts(kustomize):
    triggers = named(kustomize, "ScaledObject", "herald-worker-nhis")["spec"]["triggers"]
    topics = [one["metadata"].pop("topic") for one in triggers]
    assert topics == ["herald.nhis.submissions", "herald.nhis.submissions.pleven"]
    assert triggers[0] == triggers[1]
