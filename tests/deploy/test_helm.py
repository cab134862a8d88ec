"""helm: the chart is in order, its values are checked, and each value does what it says."""

from __future__ import annotations

import json

import pytest
import yaml

from tests.deploy.rendering import CHART, containers, documents, named, pods, run, templated

TOOL = "helm"
VALUES = str(CHART.parent / "production.yaml")


def rendered(*sets):
    """Return the objects of the production example, with further values as JSON: `path=value`."""
    options = [option for one in sets for option in ("--set-json", one)]
    return documents(templated("--values", VALUES, *options))


def refused(*sets):
    """Return why values are refused."""
    options = [option for one in sets for option in ("--set-json", one)]
    done = run("helm", "template", "herald", str(CHART), "--values", VALUES, *options)
    assert done.returncode != 0
    return done.stderr


def test_lint():
    done = run("helm", "lint", "--strict", str(CHART), "--values", VALUES)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_chart_has_the_application_s_version():
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    project = (CHART.parents[2] / "pyproject.toml").read_text()
    assert f'\nversion = "{chart["appVersion"]}"\n' in project


def test_every_default_is_in_the_schema_and_the_other_way_round():
    schema = json.loads((CHART / "values.schema.json").read_text())
    defaults = yaml.safe_load((CHART / "values.yaml").read_text())

    def differing(values, properties, path=""):
        own = {name: one for name, one in properties.items() if name != "global"}
        yield from (f"{path}{name}" for name in set(values) ^ set(own))
        for name, value in values.items():
            if isinstance(value, dict) and own.get(name, {}).get("additionalProperties") is False:
                yield from differing(value, own[name]["properties"], f"{path}{name}.")

    assert list(differing(defaults, schema["properties"])) == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("replicaCount=3", "replicaCount"),
        ("scaling.minReplicaCount=3", "minReplicaCount"),
        ("scaling.minReplicas=0", "minReplicas"),
        ('scaling.minReplicas="2"', "minReplicas"),
        ('image.tag="latest"', "tag"),
        ('image.digest="sha256:abc"', "digest"),
        ("workers.resources.limits.memory=null", "memory"),
        ('network.journal=["postgres.hospital.example"]', "journal"),
        ("retention.evidenceDays=90", "retention"),
        ("scaling.maxReplicas=1", "less than scaling.minReplicas"),
        ('monitoring.docs="docs.hospital.example"', "docs"),
        ("kafka.replicas=1", "minInsyncReplicas"),
        ("kafka.minInsyncReplicas=4", "minInsyncReplicas"),
        ("config.kafka.max_event_bytes=5000000", "maxMessageBytes.submissions"),
        ("config.kafka.max_reply_bytes=2000000", "maxMessageBytes.replies"),
        ("config.systems=null", "systems"),
        ("config.journal=null", "journal"),
        ("config.kafka.bootstrap_servers=null", "bootstrap_servers"),
        ("network.journal=[]", "network.journal: name PostgreSQL's addresses"),
        ("network.systems.erx=[]", "network.systems.erx: name the addresses"),
        ("network.extraEgress=[{}]", "extraEgress"),
        ('network.extraEgress=[{"to": [{}], "ports": [{"port": 8080}]}]', "extraEgress"),
        (
            'network.extraEgress=[{"to": [{"ipBlock": {"cidr": "203.0.113.7/32"}}], "ports": []}]',
            "extraEgress",
        ),
    ],
)
def test_a_wrong_value_is_refused_with_its_name(given, told):
    assert told in refused(given)


def test_each_alert_leads_to_the_documentation_that_the_values_name():
    rules = [
        rule
        for one in rendered('monitoring.docs="https://docs.hospital.example/herald/"')
        if one["kind"] == "PrometheusRule"
        for group in one["spec"]["groups"]
        for rule in group["rules"]
    ]
    assert rules
    for rule in rules:
        told = rule["annotations"]
        assert told["runbook_url"] == f"https://docs.hospital.example/herald/{told['runbook']}"


def test_without_settings_nothing_is_rendered():
    done = run("helm", "template", "herald", str(CHART))
    assert done.returncode != 0
    assert "/config" in done.stderr


@pytest.mark.parametrize(("seconds", "grace"), [("20", 65), ("0", 45), ("45.5", 91)])
def test_the_grace_period_follows_the_drain(seconds, grace):
    found = rendered(f"config.intake.drain_seconds={seconds}")
    assert pods(found)["Deployment/herald-worker-nhis"]["spec"]["terminationGracePeriodSeconds"] == grace


def test_the_settings_decide_which_systems_there_are():
    found = rendered(
        'config.systems={"kz_shep": {"url": "https://shep.example/"}}',
        'network.systems={"kz-shep": ["203.0.113.9/32"]}',
    )
    assert {name for name in pods(found) if "worker" in name} == {"Deployment/herald-worker-kz-shep"}
    assert named(found, "KafkaTopic", "herald.kz-shep.submissions")
    assert not [one for one in found if "nomenclatures" in one["metadata"]["name"]]
    worker = pods(found)["Deployment/herald-worker-kz-shep"]
    assert worker["spec"]["containers"][0]["args"] == ["worker", "--systems", "kz-shep"]


def test_prefix_group_and_addresses_are_read_from_the_settings():
    found = rendered(
        'config.kafka.topic_prefix="test-"',
        'config.intake.group_id="other"',
        'config.kafka.bootstrap_servers=["a:9093", "b:9093"]',
    )
    (trigger,) = named(found, "ScaledObject", "herald-worker-nhis")["spec"]["triggers"]
    assert trigger["metadata"]["topic"] == "test-nhis.submissions"
    assert trigger["metadata"]["consumerGroup"] == "other.nhis"
    assert trigger["metadata"]["bootstrapServers"] == "a:9093,b:9093"
    acls = named(found, "KafkaUser", "herald-worker-nhis")["spec"]["authorization"]["acls"]
    assert {one["resource"]["name"] for one in acls} == {
        "test-nhis.submissions", "test-nhis.results", "test-nhis.errors", "test-nhis.dead-letters", "other.nhis",
    }  # fmt: skip


def test_own_reply_topics_are_made_and_may_be_written_to():
    found = rendered(
        'config.reply_routes=[{"source": "//a/*", "results": "A_results", "errors": "a.errors"}]'
    )
    topics = {
        one["spec"]["topicName"]: one["metadata"]["name"] for one in found if one["kind"] == "KafkaTopic"
    }
    assert topics["a.errors"] == "a.errors"
    assert topics["A_results"].startswith("topic-"), "Kubernetes takes no such name"
    for login in ("herald-worker-nhis", "herald-operator"):
        acls = named(found, "KafkaUser", login)["spec"]["authorization"]["acls"]
        written = {one["resource"]["name"] for one in acls if "Write" in one["operations"]}
        assert {"A_results", "a.errors"} <= written


def test_a_hospital_s_own_topic_of_submissions_is_made_read_and_watched():
    own = '{"system": "nhis", "topic": "a.submissions", "sources": ["//a/*"]}'
    found = rendered(
        f'config.submission_topics=[{own}, {{"system": "nhis", "topic": "herald.nhis.submissions"}}]'
    )
    both = ["a.submissions", "herald.nhis.submissions"]
    topics = {one["spec"]["topicName"]: one["spec"] for one in found if one["kind"] == "KafkaTopic"}
    assert topics["a.submissions"]["config"] == topics["herald.nhis.submissions"]["config"]
    for login, operation in {"worker-nhis": "Read", "scaler-nhis": "Describe", "operator": "Write"}.items():
        acls = named(found, "KafkaUser", f"herald-{login}")["spec"]["authorization"]["acls"]
        granted = {one["resource"]["name"] for one in acls if operation in one["operations"]}
        assert set(both) <= granted
    triggers = named(found, "ScaledObject", "herald-worker-nhis")["spec"]["triggers"]
    assert [one["metadata"]["topic"] for one in triggers] == both
    # A system that is named has no other topics, and the others keep theirs.
    alone = rendered(f"config.submission_topics=[{own}]")
    names = {one["spec"]["topicName"] for one in alone if one["kind"] == "KafkaTopic"}
    assert ("herald.nhis.submissions" in names, "herald.erx.submissions" in names) == (False, True)


def test_no_topic_is_deleted_with_its_records():
    """Strimzi would do so when Helm deletes the object: at an uninstallation, or when the settings lose a topic."""
    topics = [one for one in rendered() if one["kind"] == "KafkaTopic"]
    assert len(topics) == 12
    assert {one["metadata"]["annotations"]["helm.sh/resource-policy"] for one in topics} == {"keep"}


RECEIVER = (
    "receiver.enabled=true",
    'receiver.from=[{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress"}}}]',
    'receiver.notifications=["nhis"]',
    'config.receiver.routes.nhis.secret_file="/run/secrets/herald/receiver/nhis.secret"',
    'config.receiver.trusted_proxies=["10.0.0.0/8"]',
)


def test_there_is_no_receiver_by_default():
    assert [one["metadata"]["name"] for one in rendered() if "receiver" in one["metadata"]["name"]] == []


def test_a_receiver_has_its_own_login_secret_and_topic():
    found = rendered(*RECEIVER)
    pod = pods(found)["Deployment/herald-receiver"]
    (container,) = pod["spec"]["containers"]
    assert container["args"] == ["receiver"]
    mounts = {
        name: [one["name"] for one in template["spec"]["containers"][0]["volumeMounts"]]
        for name, template in pods(found).items()
    }
    assert [name for name, one in mounts.items() if "receiver" in one] == ["Deployment/herald-receiver"]
    acls = named(found, "KafkaUser", "herald-receiver")["spec"]["authorization"]["acls"]
    assert [(one["resource"]["name"], one["operations"]) for one in acls] == [
        ("herald.nhis.notifications", ["Write"])
    ]
    topics = {one["spec"]["topicName"]: one["spec"]["config"] for one in found if one["kind"] == "KafkaTopic"}
    assert topics["herald.nhis.notifications"] == topics["herald.nhis.results"]
    operator = named(found, "KafkaUser", "herald-operator")["spec"]["authorization"]["acls"]
    (right,) = (one for one in operator if one["resource"]["name"] == "herald.nhis.notifications")
    assert right["operations"] == ["Read", "DescribeConfigs"]


def test_who_reaches_a_receiver_is_named():
    found = rendered(*RECEIVER)
    calls, metrics = named(found, "NetworkPolicy", "herald-receiver")["spec"]["ingress"]
    assert calls["ports"] == [{"protocol": "TCP", "port": "calls"}]
    assert metrics["ports"] == [{"protocol": "TCP", "port": "health"}]
    service = named(found, "Service", "herald-receiver")["spec"]
    assert service["ports"] == [{"name": "calls", "port": 8443, "targetPort": "calls"}]
    assert not [one for one in found if one["kind"] == "Ingress"]
    way_in = named(
        rendered(*RECEIVER, 'receiver.ingress.host="calls.hospital.example"'), "Ingress", "herald-receiver"
    )
    assert [one["path"] for one in way_in["spec"]["rules"][0]["http"]["paths"]] == ["/nhis/"]


@pytest.mark.parametrize(
    ("given", "told"),
    [("receiver.from=[]", "receiver.from"), ("config.receiver=null", "config.receiver.routes")],
)
def test_a_receiver_without_routes_or_callers_is_refused(given, told):
    assert told in refused(*RECEIVER, given)


def test_a_change_of_the_settings_is_a_rollout():
    def sums(found):
        return {
            name: pod["metadata"]["annotations"]["checksum/config"]
            for name, pod in pods(found).items()
            if name.startswith("Deployment/")
        }

    before, after = sums(rendered()), sums(rendered("config.intake.drain_seconds=21"))
    assert [name for name in before if before[name] == after[name]] == []


def test_a_digest_comes_before_the_tag():
    digest = "sha256:" + "a" * 64
    found = rendered(f'image.digest="{digest}"')
    images = {one["image"] for pod in pods(found).values() for one in containers(pod)}
    assert images == {f"registry.hospital.example/herald-worker@{digest}"}


@pytest.mark.parametrize(
    ("given", "kinds"),
    [
        ("scaling.enabled=false", {"ScaledObject", "TriggerAuthentication"}),
        ("kafka.strimzi=false", {"KafkaTopic", "KafkaUser"}),
        ("monitoring.enabled=false", {"PodMonitor", "PrometheusRule"}),
        ("network.enabled=false", {"NetworkPolicy"}),
    ],
)
def test_what_is_switched_off_is_not_there(given, kinds):
    every, left = {one["kind"] for one in rendered()}, {one["kind"] for one in rendered(given)}
    assert every - left == kinds


def test_all_pods_reach_what_the_values_add():
    rule = {
        "to": [{"ipBlock": {"cidr": "203.0.113.7/32"}}],
        "ports": [{"protocol": "TCP", "port": 9094}, {"protocol": "TCP", "port": 14579}],
    }
    usual = named(rendered(), "NetworkPolicy", "herald")["spec"]
    policy = named(rendered(f"network.extraEgress={json.dumps([rule])}"), "NetworkPolicy", "herald")["spec"]
    assert policy["egress"] == [*usual["egress"], rule]
    assert policy["podSelector"] == usual["podSelector"]
    assert set(policy["podSelector"]["matchLabels"]) == {
        "app.kubernetes.io/name",
        "app.kubernetes.io/instance",
    }


def test_without_keda_there_are_as_many_workers_as_the_values_say():
    found = rendered("scaling.enabled=false", "workers.replicas=3")
    assert named(found, "Deployment", "herald-worker-nhis")["spec"]["replicas"] == 3
    assert "replicas" not in named(rendered(), "Deployment", "herald-worker-nhis")["spec"]


def test_two_releases_in_one_namespace_share_no_object_and_no_pod():
    other = documents(run("helm", "template", "second", str(CHART), "--values", VALUES).stdout)
    mine = rendered()
    # Topics are Kafka's: two releases need two prefixes.
    names = [
        {(one["kind"], one["metadata"]["name"]) for one in many if one["kind"] != "KafkaTopic"}
        for many in (mine, other)
    ]
    assert names[0] & names[1] == set()
    for one in other:
        if one["kind"] == "NetworkPolicy":
            assert one["spec"]["podSelector"]["matchLabels"]["app.kubernetes.io/instance"] == "second"


def test_the_notes_name_what_there_is():
    done = run(
        "helm", "install", "herald", str(CHART), "--namespace", "herald", "--values", VALUES, "--dry-run=client",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    notes = done.stdout.partition("NOTES:")[2]
    assert "Herald serves: erx, nhif, nhis." in notes
    for name in ("job/herald-migration-1", "deployment/herald-operator", "config.journal.retention"):
        assert name in notes
