"""deploy/compose: valid, closed to other machines, without secrets, and with a configuration that Herald accepts."""

from __future__ import annotations

import asyncio
import re
import stat
import subprocess
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from sandbox.edelivery.server import Sandbox as EsbSandbox
from sandbox.pki import DOCTORS, Pki
from tests.deploy.test_pods import AFTER_THE_DRAIN
from tests.deploy.tools import program
from tests.support.cli.commands import invoked
from worker.cli.event_file import Expected, read_events
from worker.settings.document import read_document
from worker.settings.load import load

TOOL = "the compose file"

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "compose"
FILE = FOLDER / "compose.yaml"
COMPOSE = yaml.safe_load(FILE.read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
OURS = sorted(name for name, one in SERVICES.items() if "HERALD" in one["image"])
ONCE = ("journal-migrate", "nomenclatures-pull", "topics-create", "topics-create-edelivery")
LOCAL_ONLY = re.compile(r"127\.0\.0\.1:\d+:\d+")

# The first run installs the validator.
pytestmark = pytest.mark.timeout(300)


def test_the_file_follows_the_compose_specification():
    command = [program("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", str(FILE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_on_loopback_only(name):
    assert [one for one in SERVICES[name].get("ports", ()) if not LOCAL_ONLY.fullmatch(one)] == []


@pytest.mark.parametrize("name", SERVICES)
def test_versions_are_pinned(name):
    tag = SERVICES[name]["image"].rpartition(":")[2] if "HERALD" not in SERVICES[name]["image"] else None
    assert tag is None or re.search(r"\d+\.\d+", tag), tag


def test_our_images_have_the_version_of_the_project():
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert {re.search(r"VERSION:-(.+)}$", SERVICES[name]["image"])[1] for name in OURS} == {version[1]}


def test_kafka_is_the_one_of_the_tests():
    pom = ET.parse(ROOT / "demo" / "kafka.pom.xml").find(".//{*}kafka.version")  # noqa: S314 - our own file
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{pom.text}"


@pytest.mark.parametrize("name", OURS)
def test_our_services_have_no_rights_and_nothing_to_write_to(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    writable = [one for one in service["volumes"] if not one.endswith(":ro")]
    assert writable == (["certificates:/var/lib/sandbox"] if name.startswith("sandbox-") else [])
    assert "privileged" not in service
    assert "user" not in service  # the image's own, which is not root


def test_who_waits_for_whom():
    """A worker starts when tables, topics and code lists are there; each of these waits for what it writes to."""
    waits = {name: SERVICES[name].get("depends_on", {}) for name in SERVICES}
    done, healthy = {"condition": "service_completed_successfully"}, {"condition": "service_healthy"}
    assert waits["worker"] == {"topics-create": done, "nomenclatures-pull": done}
    assert waits["nomenclatures-pull"] == {"journal-migrate": done}
    assert waits["journal-migrate"] == {"postgres": healthy, "sandbox-nhis": healthy}
    assert waits["topics-create"] == {"kafka": healthy, "sandbox-nhis": healthy}
    assert waits["topics-create-edelivery"] == {"kafka": healthy, "sandbox-edelivery": healthy}
    assert waits["worker-edelivery"] == {"journal-migrate": done, "topics-create-edelivery": done}
    for name, conditions in waits.items():
        for other, one in conditions.items() if isinstance(conditions, dict) else ():
            assert (name, other, "healthcheck" in SERVICES[other]) == (name, other, one == healthy)
    assert {SERVICES[one]["restart"] for one in ONCE} == {"no"}


def test_volumes_and_secrets_are_declared_and_mounted():
    named = {one.split(":")[0] for service in SERVICES.values() for one in service.get("volumes", ())}
    assert {one for one in named if not one.startswith(".")} == COMPOSE["volumes"].keys()
    assert {one for service in SERVICES.values() for one in service.get("secrets", ())} == COMPOSE[
        "secrets"
    ].keys()
    assert [one for one in named if one.startswith(".") and not (FOLDER / one).exists()] == []


def test_no_secret_is_in_a_file():
    for file in FOLDER.rglob("*.yaml"):
        assert not re.search(
            r"(?i)password['\"]?\s*:\s*['\"]?\w|://[^/\s]+:[^/\s]+@", _without_files(file)
        ), file
    ignored = subprocess.run(
        ["git", "check-ignore", "--quiet", "deploy/compose/secrets/journal-dsn"], cwd=ROOT, check=False
    )
    assert ignored.returncode == 0


def _without_files(file):
    return re.sub(r"(?i)\w*password(_file|__FILE|: \{file)[^\n]*", "", file.read_text(encoding="utf-8"))


@pytest.fixture
def secrets(tmp_path):
    """What the script makes, in a copy of the folder."""
    script = tmp_path / "secrets.sh"
    script.write_bytes((FOLDER / "secrets.sh").read_bytes())

    def make():
        subprocess.run(["bash", str(script)], check=True)
        made = sorted((tmp_path / "secrets").iterdir())
        return {one.name: one.read_text() for one in made}

    return make


def test_the_secrets_are_made_once(secrets, tmp_path):
    first = secrets()
    assert first.keys() == COMPOSE["secrets"].keys()
    assert secrets() == first
    assert first["journal-dsn"] == f"postgresql://herald:{first['postgres-password']}@postgres:5432/herald"
    assert first["postgres-password"] != first["grafana-password"]
    assert min(map(len, first.values())) >= 32
    # Readable to the containers' users, and to no other user of this machine.
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    assert {stat.S_IMODE(one.stat().st_mode) for one in (tmp_path / "secrets").iterdir()} == {0o444}


def test_a_lost_address_is_made_again_with_the_same_password(secrets, tmp_path):
    first = secrets()
    (tmp_path / "secrets" / "journal-dsn").unlink()
    assert secrets() == first


@pytest.fixture
def config(tmp_path):
    """herald.yaml with the container's paths moved to a folder that holds what the containers would."""
    Pki.create(tmp_path / "nhis")
    (tmp_path / "journal-dsn").write_text("postgresql://herald@postgres:5432/herald")
    text = (FOLDER / "herald.yaml").read_text(encoding="utf-8")
    file = tmp_path / "herald.yaml"
    file.write_text(text.replace("/var/lib/sandbox", str(tmp_path)).replace("/run/secrets", str(tmp_path)))
    return file


def test_herald_accepts_the_configuration(config):
    settings = load(config, {})
    assert {name: one.uin for name, one in settings.systems.nhis.senders.items()} == {
        doctor.name: doctor.uin for doctor in DOCTORS
    }
    assert settings.health.port == 8080


def test_the_configuration_names_the_services(config):
    document = read_document(config)
    (kafka,) = document["kafka"]["bootstrap_servers"]
    assert f"//{kafka}," in SERVICES["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    name = SERVICES["sandbox-nhis"]["command"][-1]
    assert name == "sandbox-nhis"
    assert document["systems"]["nhis"]["api_url"] == f"https://{name}:8443"
    assert COMPOSE["x-herald"]["mem_limit"]
    grace = int(SERVICES["worker"]["stop_grace_period"].removesuffix("s"))
    assert grace >= load(config, {}).intake.drain_seconds + AFTER_THE_DRAIN


async def started_once(sandbox):
    async with sandbox:
        pass


def test_the_worker_of_edelivery_is_there_on_request(tmp_path):
    """With its profile: the settings name the files that its sandbox makes, and the sandbox's names and ports."""
    optional = {name for name, one in SERVICES.items() if "profiles" in one}
    assert optional == {"sandbox-edelivery", "topics-create-edelivery", "worker-edelivery"}
    assert SERVICES["worker-edelivery"]["volumes"][0] == "./edelivery.yaml:/etc/herald/herald.yaml:ro"
    asyncio.run(started_once(EsbSandbox(tmp_path / "edelivery", port=0, token_port=0)))
    (tmp_path / "journal-dsn").write_text("postgresql://herald@postgres:5432/herald")
    text = (FOLDER / "edelivery.yaml").read_text(encoding="utf-8")
    file = tmp_path / "herald.yaml"
    file.write_text(text.replace("/var/lib/sandbox", str(tmp_path)).replace("/run/secrets", str(tmp_path)))
    done = invoked("check", "--config", file, "--json")
    assert (done.code, done.json["systems"]) == (0, ["edelivery"]), done.out + done.err
    settings = load(file, {})
    assert SERVICES["sandbox-edelivery"]["command"][-1] == "sandbox-edelivery"
    assert tuple(str(one).rstrip("/") for one in (settings.esb.token_url, settings.esb.gateway_url)) == (
        "https://sandbox-edelivery:8450", "https://sandbox-edelivery:8451",
    )  # fmt: skip
    assert settings.systems.edelivery.files.hosts == ("sandbox-edelivery",)


def test_the_event_fulfils_its_contract_and_names_a_doctor():
    content = (FOLDER / "event.json").read_bytes()
    (event,) = read_events(content, Expected(None, None, datetime.now(UTC).date(), 1 << 20))
    document = yaml.safe_load(content)
    assert event.id == document["id"] == "my-first-dose"
    assert (document["signer"], document["data"]["performer"]["uin"]) in {
        (one.name, one.uin) for one in DOCTORS
    }


def test_prometheus_reads_the_worker_and_the_alerts():
    scrape = yaml.safe_load((FOLDER / "prometheus" / "prometheus.yaml").read_text())
    assert scrape["scrape_configs"][0]["static_configs"] == [{"targets": ["worker:8080"]}]
    assert scrape["rule_files"] == ["/etc/prometheus/alerts/*.yaml"]
    assert "../monitoring/alerts:/etc/prometheus/alerts:ro" in SERVICES["prometheus"]["volumes"]


def test_grafana_reads_prometheus_and_the_dashboards():
    provisioning = FOLDER / "grafana" / "provisioning"
    (source,) = yaml.safe_load((provisioning / "datasources" / "prometheus.yaml").read_text())["datasources"]
    assert source["url"] == "http://prometheus:9090"
    (provider,) = yaml.safe_load((provisioning / "dashboards" / "herald.yaml").read_text())["providers"]
    assert f"../monitoring/dashboards:{provider['options']['path']}:ro" in SERVICES["grafana"]["volumes"]
