"""docs/guarantees.md names tests: each must be there."""

from __future__ import annotations

import re

import pytest

from tests.support.readme import ROOT

PAGE = ROOT / "docs" / "guarantees.md"
NAMED = sorted(set(re.findall(r"`(tests/[^`]+)`", PAGE.read_text(encoding="utf-8"))))


def test_every_promise_names_a_test() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if re.match(r"\| \d \|", line)]
    assert len(rows) == 6
    assert all("`tests/" in row for row in rows)


@pytest.mark.parametrize("path", NAMED)
def test_it_is_there(path: str) -> None:
    assert "def test_" in (ROOT / path).read_text(encoding="utf-8") or path.endswith(
        ("_machine.py", "_points.py")
    )
