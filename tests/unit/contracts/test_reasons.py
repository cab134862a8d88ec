"""The reason codes: stable, each explained, each with its advice."""

from __future__ import annotations

import inspect
import re

from contracts import reasons
from contracts.reasons import ADVICE, Reason


def test_codes_are_plain_words():
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", reason.value) for reason in Reason)


def test_codes_are_named_as_they_read():
    assert all(reason.name.lower().replace("_", "-") == reason.value for reason in Reason)


def test_every_reason_has_its_advice():
    assert set(ADVICE) == set(Reason)
    assert all(sentence.endswith(".") for sentence in ADVICE.values())


def test_every_reason_has_its_comment():
    lines = [line.strip() for line in inspect.getsource(reasons).splitlines()]
    for reason in Reason:
        line = next(index for index, text in enumerate(lines) if text.startswith(f"{reason.name} ="))
        assert lines[line - 1].startswith("# "), reason
