"""docs/dead-letters.md does what it says: its commands are run, in its order, beside a demo of its own."""

from __future__ import annotations

import json

import pytest

from tests.support.readme import ROOT, blocks, marked
from worker.journal.claims import LetterState

PAGE = ROOT / "docs" / "dead-letters.md"

pytestmark = pytest.mark.timeout(240)


def test_every_block_is_tested():
    assert [block.line for block in blocks(PAGE) if block.test != "shell"] == []


def test_every_state_is_explained():
    text = PAGE.read_text(encoding="utf-8")
    assert all(f"| `{state}` |" in text for state in LetterState)


def test_the_commands_do_it(own_reader):
    script = "\n".join(block.text for block in marked(PAGE, "shell"))
    own_reader.run(["bash", "-euo", "pipefail", "-c", script])
    listed = json.loads(own_reader.run(["herald", "dead-letters", "list", "--json"]))
    shown = json.loads(own_reader.run(["herald", "submissions", "show", "reaction-09", "--json"]))
    settled = next(one for one in listed if one["submission_id"] == "reaction-09")
    acts = json.loads(own_reader.run(["herald", "dead-letters", "show", settled["id"], "--json"]))["acts"]

    states = {(one["reason"], one["state"]) for one in listed}
    assert {
        ("outcome-unknown", "settled"),
        ("contract-violation", "replayed"),
        ("conflict", "discarded"),
    } <= states
    assert [(act["act"], act["reason"]) for act in acts] == [
        ("show-event", "compared with the hospital's record"),
        ("settle", "found in the portal of NHIS"),
    ]
    (submission,) = [one["submission"] for one in shown]
    assert (submission["state"], submission["revision"], submission["answered"]) == ("accepted", 2, True)
