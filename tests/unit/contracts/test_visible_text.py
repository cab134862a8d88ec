"""What nobody sees is blank."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest

from contracts.fields import ONE_LINE
from contracts.visible_text import INVISIBLE, is_visible

INVISIBLE_CATEGORIES = {"Zs", "Zl", "Zp", "Cc", "Cf"}


def test_every_separator_control_and_format_character_is_invisible():
    missed = [
        f"U+{code:04X}"
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in INVISIBLE_CATEGORIES and is_visible(chr(code))
    ]
    assert missed == []


def test_what_is_printed_is_visible():
    # Letters, digits, signs and punctuation, save the blank letters of Hangul and Braille.
    blank = set("\u115f\u1160\u3164\uffa0\u2800")
    missed = [
        f"U+{code:04X}"
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code))[0] in "LNPS"
        and not is_visible(chr(code))
        and chr(code) not in blank
    ]
    assert missed == []


def test_every_combining_mark_alone_is_invisible_and_has_no_effect_on_a_letter():
    marks = [
        chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)).startswith("M")
    ]
    assert [mark for mark in marks if is_visible(mark) or not is_visible(f"а{mark}")] == []
    assert not is_visible("".join(marks[:50]))


def test_the_class_has_no_character_that_only_some_languages_can_write():
    assert re.fullmatch(r"(\\u[0-9a-f]{4}-?)+", INVISIBLE)


TEXTS = [
    ("nhis.immunization.register.v1", "patient.name.given"),
    ("nhis.immunization.register.v1", "patient.address.line"),
    ("nhis.immunization.register.v1", "performer.nhifNumber"),
    ("nhis.immunization.register.v1", "immunization.note"),
    ("nhis.immunization.cancel.v1", "reason"),
    ("nhis.adverse-reaction.register.v1", "reaction.description"),
    ("erx.prescription.issue.v1", "patient.name.family"),
    ("erx.user.register.v1", "organization.name"),
    ("kz-shep.medical-exemption.search.v1", "number"),
    ("nhif.service.read.v1", "parameters.x"),
]
BLANKS = [
    "\u00a0",
    "\u2003\u3000",
    "\u200b",
    "\u2060\ufeff",
    "\u00ad",
    "\u202e",
    "\u2028",
    "\u0085",
    "\u3164",
    "\U000e0041",
    # Combining marks without a letter: an acute accent, Cyrillic titlo, an enclosing circle, a vowel sign.
    "\u0301",
    " \u0301\u0308",
    "\u0483",
    "\u20dd\u200b",
    "\u093e",
]


@pytest.mark.parametrize(("event_type", "path"), TEXTS)
@pytest.mark.parametrize("text", BLANKS, ids=lambda text: text.encode("unicode_escape").decode())
def test_a_field_of_invisible_text_is_refused(problems, event_type, path, text):
    assert (f"$.data.{path}", "form") in problems(event_type, {path: text})


@pytest.mark.parametrize(("event_type", "path"), TEXTS)
def test_invisible_characters_among_visible_ones_are_taken(problems, event_type, path):
    # A no-break space before a unit, a soft hyphen, the joiner of an emoji.
    assert problems(event_type, {path: "5\u00a0а\u00adб\u200d"}) == []
    # A letter with its accent, and an accent that a typist put before the letter.
    assert problems(event_type, {path: "и\u0301"}) == []
    assert problems(event_type, {path: "\u0301и"}) == []


@pytest.mark.parametrize("text", ["а\u2028б", "а\u2029б", "а\u0085б", "а\u0007б", "а\u0090б"])
def test_one_line_is_one_line_without_control_characters(text):
    assert not re.search(ONE_LINE, text)


def test_long_texts_may_have_several_lines(problems):
    assert problems("nhis.immunization.cancel.v1", {"reason": "а\nб\r\nв\u0085г\u2028д"}) == []
    assert problems("nhis.immunization.cancel.v1", {"reason": "а\u0090"}) == [("$.data.reason", "form")]
