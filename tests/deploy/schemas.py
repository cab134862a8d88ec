"""JSON Schemas for kubeconform: Kubernetes' own kinds, and custom kinds from their definitions (`crds/`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from tests.deploy.tools import directory_of

VERSION = "1.36.0"
"""Of Kubernetes."""
CRDS = Path(__file__).parent / "crds"


class _Loader(yaml.SafeLoader):
    """Reads `=` as text, which YAML 1.1 gives a meaning of its own; definitions list it as an operator."""


_Loader.add_constructor("tag:yaml.org,2002:value", lambda _, node: node.value)


def write_schemas(directory: Path) -> tuple[str, str]:
    """Write all schemas, and return the two templates by which kubeconform finds them."""
    _write_built_in(directory / f"v{VERSION}-strict")
    for path in sorted(CRDS.glob("*.yaml")):
        _write_custom(yaml.load(path.read_text(encoding="utf-8"), _Loader), directory / "custom")  # noqa: S506 - safe
    built_in = "{{.NormalizedKubernetesVersion}}{{.StrictSuffix}}/{{.ResourceKind}}{{.KindSuffix}}.json"
    return (
        f"{directory}/{built_in}",
        f"{directory}/custom/{{{{.Group}}}}_{{{{.ResourceKind}}}}_{{{{.ResourceAPIVersion}}}}.json",
    )


def _write_built_in(directory: Path) -> None:
    """Copy those of `kubernetes-validate`, whose references kubeconform does not follow as they are."""
    packages = directory_of("kubernetes-validate").glob("lib/python3.*/site-packages")
    source = next(packages) / "kubernetes_validate" / "kubernetes-json-schema" / f"v{VERSION}-local-strict"
    directory.mkdir(parents=True)
    for path in source.glob("*.json"):
        schema = json.loads(
            path.read_text(encoding="utf-8").replace("/api/_definitions.json", "_definitions.json")
        )
        schema.pop("$id", None)
        schema.pop("$schema", None)
        (directory / path.name).write_text(json.dumps(schema), encoding="utf-8")


def _write_custom(definition: dict[str, Any], directory: Path) -> None:
    """Write one schema for each version of a custom kind."""
    directory.mkdir(parents=True, exist_ok=True)
    spec = definition["spec"]
    for version in spec["versions"]:
        schema = strict(version["schema"]["openAPIV3Schema"])
        # What every object has is not part of a definition.
        schema["properties"] |= {name: {"type": "string"} for name in ("apiVersion", "kind")}
        schema["properties"]["metadata"] = {"type": "object"}
        schema["required"] = sorted({*schema.get("required", ()), "spec"})
        name = f"{spec['group']}_{spec['names']['kind'].lower()}_{version['name']}.json"
        (directory / name).write_text(json.dumps(schema), encoding="utf-8")


def strict(schema: dict[str, Any]) -> dict[str, Any]:
    """Return an OpenAPI schema of a custom kind as JSON Schema that refuses unknown fields, as Kubernetes does."""
    made = {name: value for name, value in schema.items() if not name.startswith("x-kubernetes-")}
    if schema.get("x-kubernetes-int-or-string"):
        made.pop("anyOf", None)
        made["type"] = ["integer", "string"]
    if "properties" in schema:
        made["properties"] = {name: strict(one) for name, one in schema["properties"].items()}
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            made.setdefault("additionalProperties", False)
    if "items" in schema:
        made["items"] = strict(schema["items"])
    if isinstance(schema.get("additionalProperties"), dict):
        made["additionalProperties"] = strict(schema["additionalProperties"])
    return made
