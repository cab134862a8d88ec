"""The pages for operators: their commands exist, and what they show of a running demo is so."""

from __future__ import annotations

import json
import re
import shlex

import pytest
from typer.testing import CliRunner

from demo.scenarios import SYSTEMS
from tests.support.readme import ROOT, blocks, marked
from worker.admin.status_findings import NO_WORKER
from worker.cli.app import app
from worker.settings.variables import CONFIG, OPERATOR

DOCS = ROOT / "docs"
PAGES = ("checks", "commands", "image", "monitoring", "operations", "topics")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
# tests/deploy looks at the commands of Kubernetes, and at the examples of alerts.
COMMANDS = {
    f"{name}.md line {block.line}": block.text
    for name in PAGES
    for block in blocks(DOCS / f"{name}.md")
    if block.language == "sh" and not (block.test or "").startswith("kubernetes")
}

pytestmark = pytest.mark.timeout(240)


def test_there_are_commands():
    assert {place.partition(".")[0] for place in COMMANDS} == set(PAGES)


@pytest.mark.parametrize("text", COMMANDS.values(), ids=COMMANDS.keys())
def test_every_command_of_the_pages_exists(text):
    for line in text.splitlines():
        words = shlex.split(line, comments=True)
        if words[0] == "make":
            assert re.search(rf"^{words[1]}:.*## ", MAKEFILE, re.MULTILINE), line
            continue
        given = words[words.index("herald") + 1 :]
        options = [one for one in given if one.startswith("--")]
        names = [one for one in given if re.fullmatch(r"[a-z-]+", one) and not one.startswith("--")]
        shown = CliRunner().invoke(app, [*names[:2], "--help"], terminal_width=200)
        assert shown.exit_code == 0, line
        assert [one for one in options if one not in shown.output] == [], line


def test_variables_and_findings_are_named():
    assert CONFIG in text_of("operations")
    assert OPERATOR in text_of("commands")
    assert NO_WORKER.split(":")[0].lower().removesuffix(" runs") in text_of("monitoring").lower()


def text_of(name: str) -> str:
    """Return the text of one page."""
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


def test_the_state_of_a_demo_is_reported(reader):
    (block,) = marked(DOCS / "monitoring.md", "shell")
    told = reader.run(["bash", "-euo", "pipefail", "-c", block.text])
    found = json.loads(told[told.index("{") :])
    assert (found["wrong"], found["not_asked"]) == ([], [])
    assert [one["running"] for one in found["workers"]] == [True]
    assert set(found["lags"]) == set(found["systems"]) == set(SYSTEMS)
