"""The examples of settings in the pages for operators, as pods have them: valid, and each of their files is mounted."""

from __future__ import annotations

import base64
from pathlib import PurePosixPath

import pytest
import yaml

from tests.deploy.rendering import RENDERINGS, containers, documents, pods, rendering, settings_of
from tests.deploy.test_settings import files_of
from tests.support.readme import ROOT, marked
from worker.settings.load import load

TOOL = "settings of docs/operations.md and logs-and-traces.md"
PAGES = [ROOT / "docs" / f"{name}.md" for name in ("operations", "logs-and-traces")]
EXAMPLES = {
    block.test.removeprefix("settings "): yaml.safe_load(block.text)
    for page in PAGES
    for block in marked(page, "settings")
}
MOUNTED = "/run/secrets/herald"
ON_KUBERNETES = [name for name in RENDERINGS if name != "demo"]


@pytest.fixture
def loaded(tmp_path):
    """Return the settings of the production overlay with those of an example, their files in a folder of the test."""

    def read(name):
        document = yaml.safe_load(settings_of("production")) | EXAMPLES[name]
        for file in files_of(document):
            path = tmp_path / file.lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            key = base64.b64encode(bytes(32)).decode()
            path.write_text(key if "key-" in file else "postgresql://herald@db.invalid/herald")
        text = yaml.safe_dump(document).replace(f" {MOUNTED}", f" {tmp_path}{MOUNTED}")
        (tmp_path / "herald.yaml").write_text(text)
        return load(tmp_path / "herald.yaml", {"HERALD_KAFKA__SECURITY__USERNAME": "herald-worker-nhis"})

    return read


def test_there_are_examples():
    assert EXAMPLES.keys() == {"traces", "hospital", "encryption"}


def test_the_traces_are_valid(loaded):
    tracing = loaded("traces").tracing
    assert tracing.enabled
    assert tracing.headers.keys() == {"authorization"}


def test_the_encryption_s_key_can_be_used(loaded):
    assert loaded("encryption").journal.encryption.vault().active == "2026"


@pytest.mark.parametrize("name", ON_KUBERNETES)
@pytest.mark.parametrize("example", EXAMPLES)
def test_each_file_of_an_example_is_in_a_secret_that_every_pod_mounts_as_a_whole(name, example):
    """So that a further key of the Secret is a further file, in every pod that reads the settings."""
    files = [PurePosixPath(file) for file in files_of(EXAMPLES[example])]
    for pod in pods(documents(rendering(name))).values():
        whole = {
            volume["name"]
            for volume in pod["spec"]["volumes"]
            if "secret" in volume and "items" not in volume["secret"]
        }
        for one in containers(pod):
            folders = {
                PurePosixPath(mount["mountPath"])
                for mount in one["volumeMounts"]
                if mount["name"] in whole and "subPath" not in mount
            }
            assert [str(file) for file in files if file.parent not in folders] == []
