"""Codes in Cyrillic letters that look like Latin ones."""

from __future__ import annotations

import string
import unicodedata

import pytest

from worker.systems.lookalikes import latin, rule_pattern


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("\u0415003", "E003"),
        ("\u0421L999", "CL999"),
        ("E003", "E003"),
        ("\u042f\u0411\u0414", "\u042f\u0411\u0414"),
        ("", ""),
    ],
)
def test_letters_that_look_alike_are_read_as_latin(text, read):
    assert latin(text) == read


def test_only_letters_of_the_same_shape_and_case_change():
    changed = [(chr(code), latin(chr(code))) for code in range(0x400, 0x530) if latin(chr(code)) != chr(code)]
    assert len(changed) == len({one for _, one in changed}) == 25
    assert all(new in string.ascii_letters for _, new in changed)
    assert all(old.isupper() == new.isupper() for old, new in changed)
    assert all(unicodedata.name(old).startswith("CYRILLIC") for old, _ in changed)


@pytest.mark.parametrize("letter", string.ascii_uppercase)
def test_a_rule_of_any_letters_is_found_as_it_is(letter):
    assert rule_pattern(f"{letter}L7").search(f"x ({letter.lower()}l 7)")
    assert not rule_pattern(f"{letter}L7").search(f"{letter}L71")
