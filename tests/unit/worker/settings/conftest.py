"""A configuration that is in order, for tests to spoil."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

GOOD = """
kafka:
  bootstrap_servers: ["kafka:9092"]
journal:
  dsn_file: dsn
signers:
  dr-a: {file: a.p12, password_file: a.password}
systems:
  nhis:
    senders:
      dr-a: {uin: "2300000001"}
"""
FILES = ("dsn", "a.p12", "a.password")


@pytest.fixture(autouse=True)
def _directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in FILES:
        Path(name).write_text("postgresql://db.invalid/herald" if name == "dsn" else "x")


@pytest.fixture
def document() -> dict[str, Any]:
    return yaml.safe_load(GOOD)


@pytest.fixture
def write(tmp_path: Path):
    """Write a document, or text, and return its path."""

    def write(document: object) -> Path:
        path = tmp_path / "herald.yaml"
        path.write_text(document if isinstance(document, str) else yaml.safe_dump(document))
        return path

    return write
