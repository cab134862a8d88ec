"""`make sbom`: a valid CycloneDX document of exactly the packages that the chosen lock file pins for this machine."""

from __future__ import annotations

import json
import subprocess

import pytest
from packaging.utils import canonicalize_name

from tests.deploy.locks import pinned
from tests.support.readme import ROOT

TOOL = "the list of packages (SBOM)"
VALIDATE = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

print(JsonStrictValidator(SchemaVersion.V1_6).validate_str(sys.stdin.read()) or "valid")
"""
UNSTATED = {"worker": ["httpx-aiohttp"], "tracing": ["httpx-aiohttp", "protobuf"]}
"""Packages whose licence the document lacks: a new name here is one whose licence somebody must look up."""

# The first run installs the packages and the tool.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module", params=UNSTATED)
def made(request):
    """Return a lock file's name, and the document that is made of it."""
    command = ["make", "--silent", "sbom", f"LOCK={request.param}"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=550)
    return request.param, (ROOT / "dist" / "herald-worker.cdx.json").read_text(encoding="utf-8")


def test_its_components_are_the_locked_packages(made):
    lock, document = made
    listed = json.loads(document)["components"]
    assert {canonicalize_name(one["name"]): one["version"] for one in listed} == pinned(lock)
    assert len(listed) > 40


def test_the_documents_differ_by_opentelemetry():
    added = pinned("tracing").keys() - pinned("worker").keys()
    assert {"opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http", "protobuf"} <= added


def test_it_names_herald_and_what_it_needs(made):
    _, document = made
    found = json.loads(document)
    herald = found["metadata"]["component"]
    assert (herald["name"], herald["type"]) == ("herald-worker", "application")
    needs = next(one for one in found["dependencies"] if one["ref"] == herald["bom-ref"])["dependsOn"]
    assert any(one.startswith("aiokafka==") for one in needs)


def test_components_state_their_licences(made):
    lock, document = made
    unstated = [one["name"] for one in json.loads(document)["components"] if not one.get("licenses")]
    assert unstated == UNSTATED[lock]


def test_it_follows_the_schema(made):
    _, document = made
    done = subprocess.run(
        [ROOT / ".cache" / "cyclonedx" / "bin" / "python", "-c", VALIDATE],
        input=document,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "valid", done.stdout
