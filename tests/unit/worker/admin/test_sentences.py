"""Where a sentence ends."""

from __future__ import annotations

import pytest

from worker.admin.errors import ActFailed
from worker.admin.intake import StopRow
from worker.admin.sentences import ended
from worker.admin.status_findings import of_intake
from worker.cli.errors import told


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("a flood", "a flood."), ("a flood.", "a flood."), ("is it?", "is it?"), ("no!", "no!")],
)
def test_a_sentence_ends_once_wherever_it_is_reported(text, sentence):
    assert ended(text) == sentence
    assert told(ActFailed(text)) == sentence
    (found,) = of_intake([StopRow("nhis", None, None, None, text, {}, None)], [])
    assert f"is stopped: {sentence} See" in found
