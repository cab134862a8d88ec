"""docs/performance.md: it has the benchmark's figures and stages, and a table for each scaling run."""

from __future__ import annotations

import re

from tests.bench.contest.profile import OTHER, STAGES
from tests.bench.contest.report import KEYS
from tests.bench.scaling.__main__ import RUNS
from tests.bench.scaling.systems import KINDS
from tests.bench.scaling.table import HEADINGS
from tests.support.readme import ROOT

TEXT = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")


def first_cells(pattern: str) -> list[str]:
    """Return the names in the first cells of a table's lines."""
    return [
        name
        for line in re.findall(pattern, TEXT, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", line.split(" | ")[0])
    ]


def test_the_tables_have_every_figure_and_every_stage():
    shown = first_cells(r"^\| `\w+`.* \|$")
    stages = [*STAGES, OTHER]
    assert sorted(shown) == sorted([*(key for key in KEYS if key != "stages_ms"), *stages])


def test_every_run_has_its_command_and_its_own_headings():
    commands = re.findall(r"`python -m tests\.bench\.scaling (\w+)`", TEXT)
    assert sorted(commands) == sorted(RUNS)
    headings = re.findall(r"^\| (.+) \|\n\|[-|]+\|$", TEXT, re.MULTILINE)
    known = set(HEADINGS.values())
    last = {HEADINGS["rss_mb"], HEADINGS["p99_ms"]}
    of_runs = [line.split(" | ") for line in headings if line.split(" | ")[-1] in last]
    assert len(of_runs) == len(RUNS)
    assert [name for line in of_runs for name in line if name not in known] == []


def test_the_systems_are_those_that_are_measured():
    for kind in KINDS:
        assert f"| {kind.system} | {kind.what} |" in TEXT
