"""kube-score: limits, security contexts, probes, budgets, network policies. `waivers.yaml`: what we do not follow."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest
import yaml

from tests.deploy.rendering import RENDERINGS, documents, named, overlay, rendering, run
from tests.deploy.schemas import VERSION

TOOL = "kube-score"
WAIVERS = yaml.safe_load((Path(__file__).parent / "waivers.yaml").read_text(encoding="utf-8"))
ALL_OK = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """What kube-score says of an object, `Kind/name`."""

    check: str
    on: str
    says: str


@cache
def found(text: str) -> tuple[Finding, ...]:
    """Return everything that kube-score finds."""
    version = "v" + VERSION.rpartition(".")[0]
    done = run(
        "kube-score", "score", "--kubernetes-version", version, "--output-format", "json", "-", given=text
    )
    return tuple(finding for one in json.loads(done.stdout) for finding in _of_object(one))


def _of_object(told) -> Iterator[Finding]:
    on = f"{told['type_meta']['kind']}/{told['object_meta']['name']}"
    for check in told["checks"] or ():
        if not check["skipped"] and check["grade"] < ALL_OK:
            for comment in check["comments"] or [{"summary": check["check"]["name"]}]:
                yield Finding(check["check"]["id"], on, comment["summary"])


def waives(waiver, finding: Finding) -> bool:
    """Whether a waiver is about a finding."""
    return (
        waiver["check"] == finding.check
        and fnmatchcase(finding.on, waiver["objects"])
        and fnmatchcase(finding.says, waiver["says"])
    )


def unwaived(text: str) -> list[Finding]:
    """Return what no waiver explains."""
    return [one for one in found(text) if not any(waives(waiver, one) for waiver in WAIVERS)]


@pytest.mark.parametrize("name", RENDERINGS)
def test_renderings(name):
    assert unwaived(rendering(name)) == []


@pytest.mark.parametrize("waiver", WAIVERS, ids=lambda one: f"{one['check']} {one['objects']}")
def test_every_waiver_is_needed_and_explained(waiver):
    assert set(waiver) == {"check", "objects", "says", "why"}
    assert len(waiver["why"]) > len("because")
    assert any(waives(waiver, one) for name in RENDERINGS for one in found(rendering(name)))


def without_memory_limit(pod):
    del pod["containers"][0]["resources"]["limits"]["memory"]


def with_a_writable_root(pod):
    pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"] = False


def as_root(pod):
    pod["securityContext"] |= {"runAsUser": 0, "runAsNonRoot": False}


def privileged(pod):
    pod["containers"][0]["securityContext"]["privileged"] = True


def without_a_version(pod):
    pod["containers"][0]["image"] = "herald-worker:latest"


def with_one_probe_for_two(pod):
    pod["containers"][0]["livenessProbe"] = pod["containers"][0]["readinessProbe"]


SPOILS = (
    without_memory_limit,
    with_a_writable_root,
    as_root,
    privileged,
    without_a_version,
    with_one_probe_for_two,
)


@pytest.mark.parametrize("spoil", SPOILS, ids=lambda one: one.__name__)
def test_what_is_spoilt_is_found(spoil):
    objects = copy.deepcopy(documents(overlay("production")))
    spoil(named(objects, "Deployment", "herald-worker-nhis")["spec"]["template"]["spec"])
    assert {one.on for one in unwaived(yaml.safe_dump_all(objects))} == {"Deployment/herald-worker-nhis"}


@pytest.mark.parametrize("kind", ["NetworkPolicy", "PodDisruptionBudget"])
def test_what_is_missing_is_found(kind):
    objects = [one for one in documents(overlay("production")) if one["kind"] != kind]
    assert {one.on.split("/")[0] for one in unwaived(yaml.safe_dump_all(objects))} >= {"Deployment"}
