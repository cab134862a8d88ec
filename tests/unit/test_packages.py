"""Every package says in its docstring what lives there and what it may import."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("worker", "contracts", "schemas", "sandbox", "demo")
PACKAGES = [path for room in ROOMS for path in sorted((ROOT / room).rglob("__init__.py"))]
FEWEST_WORDS = 8


@pytest.mark.parametrize("path", PACKAGES, ids=lambda path: str(path.parent.relative_to(ROOT)))
def test_a_package_says_what_lives_there_and_what_it_may_import(path: Path):
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""

    assert said.endswith(".")
    assert len(said.split()) >= FEWEST_WORDS
    assert "import" in said.lower()


@pytest.mark.parametrize("room", ROOMS)
def test_every_folder_with_code_is_a_package(room: str):
    folders = {path.parent for path in (ROOT / room).rglob("*.py")}

    assert [folder for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []
