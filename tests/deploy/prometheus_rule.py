"""The alerts as objects of Kubernetes: the groups of `deploy/monitoring/alerts` in one PrometheusRule and in the chart.

Neither Kustomize nor Helm reads files beside its own folder, so both have a copy. `make contracts` writes the copies
(`python -m tests.deploy.prometheus_rule`), and a test compares them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.support.readme import ROOT

ALERTS = ROOT / "deploy" / "monitoring" / "alerts"
WRITTEN = "# Written by `make contracts` from deploy/monitoring/alerts; do not edit.\n"
RULE = ROOT / "deploy" / "kubernetes" / "base" / "alerts.yaml"
CHART_FILE = ROOT / "deploy" / "helm" / "herald" / "files" / "alerts.yaml"


def groups() -> list[dict[str, Any]]:
    """Return the groups of all files, in the order of the files' names."""
    found: list[dict[str, Any]] = []
    for path in sorted(ALERTS.glob("*.yaml")):
        found += yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
    return found


def copies() -> dict[Path, str]:
    """Return what the two files hold."""
    rule = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "herald"},
        "spec": {"groups": groups()},
    }
    return {RULE: _text(rule), CHART_FILE: _text({"groups": groups()})}


def _text(document: dict[str, Any]) -> str:
    return WRITTEN + yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=90)


def main() -> None:
    """Write the copies."""
    for path, text in copies().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
