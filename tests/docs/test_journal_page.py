"""docs/journal.md: its command is run beside the demo, and does what the page says."""

from __future__ import annotations

import base64

import pytest
import yaml

from tests.support.readme import ROOT, blocks, marked
from worker.journal.encryption_settings import EncryptionSettings

PAGE = ROOT / "docs" / "journal.md"

pytestmark = pytest.mark.timeout(240)


def test_every_block_but_the_picture_is_tested():
    tested = ("shell", "settings")
    assert [
        one.line for one in blocks(PAGE) if one.test not in tested and "stateDiagram" not in one.text
    ] == []


def test_the_command_counts_and_removes_nothing(reader):
    (block,) = marked(PAGE, "shell")
    assert reader.run(["bash", "-euo", "pipefail", "-c", block.text.strip() + " --json"]).strip() == (
        '{"evidence": 0, "dead_letters": 0, "replies": 0, "unreadable": 0, "identities": 0, '
        '"days": 0, "kept": 0, "postponed": 0, "notifications": 0, "files": 0}'
    )


def test_the_keys_are_settings_as_the_page_shows_them(tmp_path):
    (block,) = marked(PAGE, "settings")
    key = tmp_path / "key"
    key.write_text(base64.b64encode(bytes(32)).decode())
    document = yaml.safe_load(block.text.replace("/run/secrets/journal-key-2026", str(key)))
    assert EncryptionSettings(**document["journal"]["encryption"]).vault().active == "2026"
