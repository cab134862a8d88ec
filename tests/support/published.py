"""The JSON Schemas as `contracts/published` has them; test_files.py shows that they are what the export makes.

To read them takes a tenth of the time of making them, and every process of a run does so when it collects the tests.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).resolve().parents[2] / "contracts" / "published" / "jsonschema"


def published_schemas() -> dict[str, dict[str, Any]]:
    """Return each schema by the name of its contract."""
    return {file.stem: published_schema(file.stem) for file in sorted(_FOLDER.glob("*.json"))}


def published_schema(name: str) -> dict[str, Any]:
    """Return the schema of one contract, such as `nhis.adverse-reaction.register.accepted.v1`."""
    schema: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return schema
