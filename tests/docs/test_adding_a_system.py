"""docs/adding-a-system.md, followed to the letter: its files and lines make a system whose events are answered."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.demo.environment import short_directory
from tests.support.readme import ROOT

PAGE = ROOT / "docs" / "adding-a-system.md"
ROOMS = ("worker", "contracts", "schemas", "sandbox", "demo")
REGISTRIES = {
    "contracts/registry.py",
    "worker/systems/registry.py",
    "worker/settings/systems.py",
    "sandbox/registry.py",
    "demo/scenarios.py",
}
MOST_LINES = 90
"""Of the worker's part of a small system."""
BLOCK = re.compile(r"<!-- (file|line|rule|run)(?:: (.*?))? -->\n```\w+\n(.*?)```\n", re.DOTALL)
REGISTRY = re.compile(r"^(?:SYSTEMS|SANDBOXES) = [({]\n(?:    .*\n)*", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """What the page says to do, by the path or text that each step is about."""

    files: Mapping[str, str]
    lines: Mapping[str, str]
    rules: Mapping[str, str]
    commands: tuple[str, ...]


@pytest.fixture(scope="module")
def page() -> Page:
    steps = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    of = {
        kind: {about: text for one, about, text in steps if one == kind} for kind in ("file", "line", "rule")
    }
    commands = tuple(text.strip() for kind, _, text in steps if kind == "run")
    return Page(of["file"], of["line"], of["rule"], commands)


@pytest.fixture(scope="module")
def tree(page: Page, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, with everything done that the page says."""
    tree = tmp_path_factory.mktemp("project")
    for room in ROOMS:
        shutil.copytree(ROOT / room, tree / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tree)
    for path, text in page.files.items():
        (tree / path).parent.mkdir(exist_ok=True)
        (tree / path).write_text(text, encoding="utf-8")
    for path, line in page.lines.items():
        _change(
            tree / path, lambda text, line=line: REGISTRY.sub(lambda found: found[0] + line, text, count=1)
        )
    for old, new in page.rules.items():
        assert old in (tree / "pyproject.toml").read_text(encoding="utf-8")
        _change(tree / "pyproject.toml", lambda text, old=old, new=new: text.replace(old, new.strip()))
    return tree


def _change(file: Path, change) -> None:
    before = file.read_text(encoding="utf-8")
    after = change(before)
    assert after != before, file
    file.write_text(after, encoding="utf-8")


def _run(tree: Path, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1", **more}
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)


def test_a_system_is_entered_in_one_line_of_each_registry(page):
    assert set(page.lines) == REGISTRIES
    assert [line.count("\n") for line in page.lines.values()] == [1] * len(REGISTRIES)
    assert all("/visits/" in path for path in page.files)


def test_the_workers_part_of_a_small_system_is_small(page):
    lines = {path: text.count("\n") for path, text in page.files.items() if path.startswith("worker/")}
    assert sum(lines.values()) <= MOST_LINES, lines


def test_what_the_page_writes_passes_the_checks(page, tree):
    tools = Path(sys.executable).parent
    for command in (("ruff", "check"), ("ruff", "format", "--check")):
        done = _run(tree, str(tools / command[0]), *command[1:], *page.files, *page.lines)
        assert done.returncode == 0, done.stdout
    done = _run(tree, str(tools / "lint-imports"), "--no-cache")
    assert done.returncode == 0, done.stdout


@pytest.mark.timeout(180)
def test_events_of_the_new_system_are_answered(page, tree):
    (command,) = page.commands
    words = command.split()
    assert words[0] == "herald"
    with short_directory() as place:
        done = _run(tree, sys.executable, "-m", "worker", *words[1:], TMPDIR=str(place))
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["submissions"], told["accepted"], told["rejected"], told["failed"]) == (3, 2, 1, 0)
    assert (told["dead_letters"], told["mismatches"]) == (0, [])
    assert told["registered"] == {"visits": "2 visits"}
