"""What `kubectl apply -k` and `helm install` would send to Kubernetes, as text and as documents; each rendered once."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.deploy.tools import program
from tests.support.readme import ROOT

KUBERNETES = ROOT / "deploy" / "kubernetes"
CHART = ROOT / "deploy" / "helm" / "herald"
OVERLAYS = ("production", "demo")
RENDERINGS = (*OVERLAYS, "helm")
RELEASE = "herald"


def run(*command: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a tool, whatever its exit code."""
    tool, *arguments = command
    return subprocess.run(
        [program(tool), *arguments], input=given, capture_output=True, text=True, timeout=100, check=False
    )


@cache
def kustomized(folder: Path) -> str:
    """Return what a folder of Kustomize renders to."""
    done = run("kubectl", "kustomize", str(folder))
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def overlay(name: str) -> str:
    """Return what an overlay renders to."""
    return kustomized(KUBERNETES / "overlays" / name)


@cache
def templated(*arguments: str) -> str:
    """Return what the chart renders to, with these values."""
    done = run("helm", "template", RELEASE, str(CHART), "--namespace", "herald", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def rendering(name: str) -> str:
    """Return what an overlay renders to, or the chart with its example for production."""
    return templated("--values", str(CHART.parent / "production.yaml")) if name == "helm" else overlay(name)


def documents(text: str) -> list[dict[str, Any]]:
    """Return the documents of a rendering."""
    return [one for one in yaml.safe_load_all(text) if one]


def named(found: list[dict[str, Any]], kind: str, name: str) -> dict[str, Any]:
    """Return the one object of this kind and name; the hash that Kustomize adds to a name counts as none."""
    (one,) = (
        one
        for one in found
        if one["kind"] == kind and one["metadata"]["name"].removesuffix(_hash(one)) == name
    )
    return one


def settings_of(name: str) -> str:
    """Return the text of an overlay's settings of Herald."""
    (text,) = (
        one["data"]["herald.yaml"]
        for one in documents(overlay(name))
        if one["kind"] == "ConfigMap" and "herald.yaml" in one["data"]
    )
    return str(text)


def pods(found: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the templates of all pods, by kind and name."""
    specs: dict[str, dict[str, Any]] = {}
    for one in found:
        spec = one.get("spec", {})
        template = spec.get("jobTemplate", {}).get("spec", spec).get("template")
        if template and "spec" in template:
            specs[f"{one['kind']}/{one['metadata']['name']}"] = template
    return specs


def containers(template: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all containers of a pod, those that run before the others first."""
    return [*template["spec"].get("initContainers", ()), *template["spec"]["containers"]]


def _hash(one: dict[str, Any]) -> str:
    name = one["metadata"]["name"]
    return f"-{name.rpartition('-')[2]}" if one["kind"] in {"ConfigMap", "Secret"} else ""
