"""`make sbom`: a valid CycloneDX document of exactly the packages that the worker's lock file pins for this machine."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
VALIDATE = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

TOOL = "the list of packages (SBOM)"
print(JsonStrictValidator(SchemaVersion.V1_6).validate_str(sys.stdin.read()) or "valid")
"""

# The first run installs the packages and the tool.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def document():
    subprocess.run(["make", "--silent", "sbom"], cwd=ROOT, check=True, capture_output=True, timeout=550)
    return (ROOT / "dist" / "herald-worker.cdx.json").read_text(encoding="utf-8")


def pinned():
    """Return the pins that apply to this machine, by name."""
    lock = (ROOT / "requirements" / "worker.lock").read_text(encoding="utf-8")
    lines = re.findall(r"^([a-z0-9].*?)(?: \\)?$", lock, re.MULTILINE)
    wanted = [one for one in map(Requirement, lines) if one.marker is None or one.marker.evaluate()]
    return {canonicalize_name(one.name): str(one.specifier).removeprefix("==") for one in wanted}


def test_its_components_are_the_locked_packages(document):
    listed = json.loads(document)["components"]
    assert {canonicalize_name(one["name"]): one["version"] for one in listed} == pinned()
    assert len(listed) > 40


def test_it_names_herald_and_what_it_needs(document):
    found = json.loads(document)
    herald = found["metadata"]["component"]
    assert (herald["name"], herald["type"]) == ("herald-worker", "application")
    needs = next(one for one in found["dependencies"] if one["ref"] == herald["bom-ref"])["dependsOn"]
    assert any(one.startswith("aiokafka==") for one in needs)


def test_components_state_their_licences(document):
    """All but one: a new name here is a package whose licence somebody must look up."""
    unstated = [one["name"] for one in json.loads(document)["components"] if not one.get("licenses")]
    assert unstated == ["httpx-aiohttp"]


def test_it_follows_the_schema(document):
    done = subprocess.run(
        [ROOT / ".cache" / "cyclonedx" / "bin" / "python", "-c", VALIDATE],
        input=document,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "valid", done.stdout
