"""The settings in the ConfigMaps: a worker starts with them, and every file that they name is mounted into each pod."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest
import yaml

from sandbox.pki import Pki
from tests.deploy.rendering import OVERLAYS, containers, documents, overlay, pods, settings_of
from tests.support.cli.commands import invoked

TOOL = "herald check"
MOUNTED = ("/run/secrets/herald", "/sandbox")
"""Where the settings' files are in a pod: from Secrets, and made by the demo's sandbox."""


def files_of(value):
    """Return the files that settings name."""
    if isinstance(value, dict):
        return {file for one in value.values() for file in files_of(one)}
    if isinstance(value, list):
        return {file for one in value for file in files_of(one)}
    return {value} if isinstance(value, str) and value.startswith("/") else set()


def commands(name):
    """Return the arguments of every container that runs a command of Herald, by pod and container."""
    return {
        (pod, one["name"]): (one.get("args", ()), one)
        for pod, template in pods(documents(overlay(name))).items()
        for one in containers(template)
        if "herald" in one["image"]
    }


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return Pki.create(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def beside_files(tmp_path, pki):
    """Put a file in the place of each that the settings name, below this test's folder; return the settings there."""

    def write(name):
        text = settings_of(name)
        for file in files_of(yaml.safe_load(text)):
            path = tmp_path / file.lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content(file))
        for mounted in MOUNTED:
            text = text.replace(f" {mounted}", f" {tmp_path}{mounted}")
        (tmp_path / "herald.yaml").write_text(text)
        return tmp_path / "herald.yaml"

    def content(file):
        signer = pki.signers[0]
        kinds = {
            ".p12": signer.pkcs12_file.read_bytes(),
            ".pem": pki.ca_file.read_bytes(),
            ".crt": pki.ca_file.read_bytes(),
        }
        if file.endswith(".password") and "signers" in file:
            return signer.password_file.read_bytes()
        return kinds.get(PurePosixPath(file).suffix, b"postgresql://herald@db.invalid/herald")

    return write


@pytest.mark.parametrize("name", OVERLAYS)
def test_a_worker_would_start(beside_files, name):
    config = beside_files(name)
    variables = {"HERALD_KAFKA__SECURITY__USERNAME": "herald-worker-nhis"} if name == "production" else {}
    served = [args[args.index("--systems") + 1] for args, _ in commands(name).values() if "worker" in args]
    done = invoked("check", "--config", config, "--json", variables=variables)
    assert (done.code, done.err) == (0, "")
    assert sorted(done.json["systems"]) == sorted(served), "a system of the settings has no workers"


def test_a_worker_of_one_system_would_start(beside_files):
    config = beside_files("production")
    variables = {"HERALD_KAFKA__SECURITY__USERNAME": "herald-worker-erx"}
    done = invoked("check", "--config", config, "--systems", "erx", "--json", variables=variables)
    assert (done.code, done.json["systems"]) == (0, ["erx"])


@pytest.mark.parametrize("name", OVERLAYS)
def test_a_setting_that_does_not_exist_is_found(beside_files, name):
    config = beside_files(name)
    config.write_text(config.read_text().replace("drain_seconds", "drain_second"))
    assert invoked("check", "--config", config).code == 2


@pytest.mark.parametrize("name", OVERLAYS)
def test_the_files_are_mounted_where_the_settings_are_read(name):
    files = {PurePosixPath(file) for file in files_of(yaml.safe_load(settings_of(name)))}
    read = {
        place: one
        for place, (args, one) in commands(name).items()
        if any(variable["name"] == "HERALD_CONFIG" for variable in one.get("env", ()))
    }
    assert read
    for place, one in read.items():
        mounts = [PurePosixPath(mount["mountPath"]) for mount in one["volumeMounts"]]
        missing = [str(file) for file in files if not any(mount in file.parents for mount in mounts)]
        assert (place, missing) == (place, [])
        (config,) = (variable["value"] for variable in one["env"] if variable["name"] == "HERALD_CONFIG")
        assert PurePosixPath(config).parent in mounts


@pytest.mark.parametrize("name", OVERLAYS)
def test_every_command_of_a_container_exists(name):
    for args, one in commands(name).values():
        words = [word for word in args if not word.startswith("-")]
        if "command" in one:  # the pod for people's commands waits
            continue
        shown = invoked(
            *args[: 2 if len(words) > 1 and args[1][0] != "-" else 1], "--help", variables={"COLUMNS": "200"}
        )
        assert shown.code == 0, args
        assert [word for word in args if word.startswith("--") and word not in shown.out] == []


def test_no_secret_stands_in_a_file_of_the_project():
    folder = Path(__file__).parents[2] / "deploy" / "kubernetes"
    kinds = [
        one["kind"]
        for path in folder.rglob("*.yaml")
        for one in yaml.safe_load_all(path.read_text())
        if one and "kind" in one
    ]
    assert "Deployment" in kinds
    assert "Secret" not in kinds
