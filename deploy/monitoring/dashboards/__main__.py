"""Write the dashboards: `python -m deploy.monitoring.dashboards` (`make dashboards`)."""

from __future__ import annotations

import json
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from deploy.monitoring.dashboards.dead_letters import dead_letters
from deploy.monitoring.dashboards.overview import overview
from deploy.monitoring.dashboards.system import system

HERE = Path(__file__).parent
DEPLOY = HERE.parents[1]
FOLDERS = (HERE, DEPLOY / "kubernetes" / "base" / "dashboards", DEPLOY / "helm" / "herald" / "dashboards")
"""Neither Kustomize nor Helm reads files beside its own folder, so both have a copy."""


def texts() -> dict[str, str]:
    """Return the text of each file, by its name."""
    made = {"overview.json": overview(), "system.json": system(), "dead-letters.json": dead_letters()}
    return {
        name: json.dumps(one, cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        for name, one in made.items()
    }


def files() -> dict[Path, str]:
    """Return what each file holds, the copies too."""
    return {folder / name: text for folder in FOLDERS for name, text in texts().items()}


def main() -> None:
    """Write the files."""
    for path, text in files().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
