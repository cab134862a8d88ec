"""docs/journal.md: its command is run beside the demo, and does what the page says."""

from __future__ import annotations

import pytest

from tests.support.readme import ROOT, blocks, marked

PAGE = ROOT / "docs" / "journal.md"

pytestmark = pytest.mark.timeout(240)


def test_every_block_but_the_picture_is_tested():
    assert [
        block.line for block in blocks(PAGE) if block.test != "shell" and "stateDiagram" not in block.text
    ] == []


def test_the_command_counts_and_removes_nothing(reader):
    (block,) = marked(PAGE, "shell")
    assert reader.run(["bash", "-euo", "pipefail", "-c", block.text.strip() + " --json"]).strip() == (
        '{"evidence": 0, "dead_letters": 0, "replies": 0, "unreadable": 0, "identities": 0}'
    )
