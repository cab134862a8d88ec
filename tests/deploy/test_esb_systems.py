"""What the systems behind the state's ESB need: topics and rights of their workers, ways out, and the portal's WSDL.

No example of production has them: the chart gets settings of its own, and is compared with Kustomize's folders.
"""

from __future__ import annotations

import os

import pytest
import yaml

from contracts.notifications import published_by
from tests.deploy.rendering import CHART, KUBERNETES, documents, kustomized, named, pods, run, templated
from tests.deploy.test_helm import RECEIVER
from worker.settings.systems import SYSTEMS

TOOL = "the systems behind the ESB"
NAMES = ("edelivery", "eforms", "peu")
ESB = "203.0.113.50/32"
SETTINGS = (
    "config.systems={" + ", ".join(f'"{name}": {{}}' for name in NAMES) + "}",
    'network.systems={"edelivery": ["203.0.113.51/32"]}',
    f'network.esb=["{ESB}"]',
)


def arguments(*sets):
    return (
        "--values",
        str(CHART.parent / "production.yaml"),
        *(x for one in sets for x in ("--set-json", one)),
    )


def rendered(*sets):
    return documents(templated(*arguments(*SETTINGS, *sets)))


def refused(*sets):
    done = run("helm", "template", "herald", str(CHART), *arguments(*SETTINGS, *sets))
    assert done.returncode != 0
    return done.stderr


@pytest.fixture(scope="module")
def kustomize(tmp_path_factory):
    folder = tmp_path_factory.mktemp("esb")
    folders = ("base", "receiver", "egress/esb", "egress/object-storage")
    resources = [KUBERNETES / one for one in folders]
    lines = ["resources:", *(f"- {os.path.relpath(one, folder)}" for one in resources), "components:"]
    lines += [f"- {os.path.relpath(KUBERNETES / 'systems' / name, folder)}" for name in NAMES]
    (folder / "kustomization.yaml").write_text("\n".join(lines))
    return documents(kustomized(folder))


@pytest.fixture(scope="module")
def helm():
    return rendered(*RECEIVER, 'receiver.notifications=["edelivery"]', receiver_route("edelivery"))


def receiver_route(system):
    return (
        f'config.receiver.routes={{"{system}": {{"secret_file": "/run/secrets/herald/receiver/a.secret"}}}}'
    )


def test_both_have_the_same_topics_and_logins(kustomize, helm):
    def of(found, kind):
        return {one["metadata"]["name"]: spec(one["spec"]) for one in found if one["kind"] == kind}

    def spec(one):
        one = {name: value for name, value in one.items() if name != "topicName"}
        if "authorization" in one:
            one["authorization"] = sorted(one["authorization"]["acls"], key=yaml.safe_dump)
        return one

    for kind in ("KafkaTopic", "KafkaUser"):
        assert of(kustomize, kind) == of(helm, kind), kind
        assert len(of(helm, kind)) >= 7


@pytest.mark.parametrize("system", SYSTEMS)
def test_workers_write_the_notifications_that_the_contracts_say(system):
    found = rendered(f'config.systems={{"{system.replace("-", "_")}": {{"access": "esb"}}}}', other_hosts())
    acls = named(found, "KafkaUser", f"herald-worker-{system}")["spec"]["authorization"]["acls"]
    written = {one["resource"]["name"] for one in acls if one["operations"] == ["Write"]}
    wanted = {f"herald.{name}.notifications" for name in published_by(system)}
    assert {one for one in written if one.endswith(".notifications")} == wanted
    assert wanted <= {one["metadata"]["name"] for one in found if one["kind"] == "KafkaTopic"}


def other_hosts():
    return "network.systems={" + ", ".join(f'"{name}": ["203.0.113.51/32"]' for name in SYSTEMS) + "}"


def test_a_receiver_writes_only_what_the_values_name(helm):
    acls = named(helm, "KafkaUser", "herald-receiver")["spec"]["authorization"]["acls"]
    assert [(one["resource"]["name"], one["operations"]) for one in acls] == [
        ("herald.edelivery.notifications", ["Write"])
    ]


def test_a_receiver_whose_systems_have_no_addresses_reaches_none_of_them():
    """A rule without a destination would be one that lets everything out."""
    found = rendered(*RECEIVER, receiver_route("eforms"))
    assert named(found, "NetworkPolicy", "herald-receiver")["spec"]["egress"] == []


def allowed(found, labels):
    """Return where a pod with these labels may connect to, as addresses and ports."""
    return {
        (place["ipBlock"]["cidr"], port["port"])
        for one in found
        if one["kind"] == "NetworkPolicy" and selects(one["spec"]["podSelector"], labels)
        for rule in one["spec"].get("egress", ())
        for place in rule["to"]
        if "ipBlock" in place
        for port in rule["ports"]
    }


def selects(selector, labels):
    plain = all(labels.get(name) == value for name, value in selector.get("matchLabels", {}).items())
    return plain and all(
        labels.get(one["key"]) in one["values"] for one in selector.get("matchExpressions", ())
    )


@pytest.mark.parametrize("tool", ["kustomize", "helm"])
def test_workers_and_people_s_commands_reach_the_esb_and_nobody_else(tool, request):
    found = request.getfixturevalue(tool)
    reached = {
        name: {port for address, port in allowed(found, template["metadata"]["labels"]) if address == ESB}
        for name, template in pods(found).items()
    }
    ports = {5050, 5051, 5056}
    of = {f"Deployment/herald-worker-{name}" for name in NAMES} | {"Deployment/herald-operator"}
    assert {name: one for name, one in reached.items() if one} == dict.fromkeys(of, ports)


def test_no_rule_leads_everywhere(helm, kustomize):
    for found in (helm, kustomize):
        rules = [
            rule for one in found if one["kind"] == "NetworkPolicy" for rule in one["spec"].get("egress", ())
        ]
        assert rules
        assert [rule for rule in rules if not rule.get("to") or not rule.get("ports")] == []


def test_epayment_reaches_the_esb_where_it_uses_it():
    def policies(access):
        found = rendered(f'config.systems={{"epayment": {{"access": "{access}"}}}}', other_hosts())
        return {one["metadata"]["name"] for one in found if one["kind"] == "NetworkPolicy"}

    assert policies("esb") - policies("direct") == {"herald-epayment-to-esb"}


def test_files_in_an_object_storage_have_a_way_there():
    sets = ('config.files={"backend": "s3"}', 'network.objectStorage=["203.0.113.60/32"]')
    found = rendered(*sets, "network.objectStoragePort=9000")
    for name, template in pods(found).items():
        assert ("203.0.113.60/32", 9000) in allowed(found, template["metadata"]["labels"]), name
    assert not [one for one in rendered("config.files={}") if one["metadata"]["name"].endswith("storage")]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            "network.esb=[]",
            "network.esb: name the addresses (CIDR) of the state's ESB, which edelivery, eforms, peu uses",
        ),
        ('config.files={"backend": "s3"}', "network.objectStorage: name the addresses"),
        ('network.esb=["integr-prod.egov.bg"]', "esb"),
        ("network.esbPorts=[]", "esbPorts"),
    ],
)
def test_what_is_missing_is_named(given, told):
    assert told in refused(given)


@pytest.mark.parametrize("tool", ["kustomize", "helm"])
def test_the_portal_s_wsdl_is_mounted_where_its_settings_are_read(tool, request):
    found = request.getfixturevalue(tool)
    mounted = {}
    for name, template in pods(found).items():
        spec = template["spec"]
        places = [
            mount["mountPath"]
            for one in (*spec.get("initContainers", ()), *spec["containers"])
            for mount in one["volumeMounts"]
            if mount["name"] == "peu-wsdl"
        ]
        if places:
            (volume,) = (one for one in spec["volumes"] if one["name"] == "peu-wsdl")
            assert volume["configMap"] == {"name": "herald-peu-wsdl", "optional": True}
            mounted[name.replace("-migration-1", "-migration")] = places
    assert mounted == {
        "Deployment/herald-worker-peu": ["/etc/herald-peu"] * 2,
        "Deployment/herald-operator": ["/etc/herald-peu"],
        "Deployment/herald-receiver": ["/etc/herald-peu"],
        "Job/herald-migration": ["/etc/herald-peu"],
    }


def test_files_alone_have_their_path_of_the_way_in():
    found = rendered(
        *RECEIVER,
        "config.receiver.routes=null",
        'config.receiver.files={"clients": {}}',
        'receiver.ingress.host="calls.hospital.example"',
    )
    way_in = named(found, "Ingress", "herald-receiver")
    assert [one["path"] for one in way_in["spec"]["rules"][0]["http"]["paths"]] == ["/files"]
