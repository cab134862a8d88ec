"""Patterns with `*` alone: what they take, what they refuse, and that none is slow."""

from __future__ import annotations

import time

import pytest
from pydantic import TypeAdapter, ValidationError

from worker.plain_pattern import PatternText, PlainPattern

FITS = [
    ("/his", "/his"),
    ("*", "/his"),
    ("*", "х"),
    ("/hospitals/*", "/hospitals/"),
    ("/hospitals/*", "/hospitals/a/his"),
    ("/hospitals/*/his", "/hospitals/a/b/his"),
    ("*/his", "/his"),
    ("a*b*c", "abc"),
    ("a*b*c", "a--b--b--c"),
    ("*ab*ab*", "abab"),
    ("a**b", "ab"),
    ("a.b", "a.b"),
]
FITS_NOT = [
    ("/his", "/his/"),
    ("/his", "/HIS"),
    ("/his", " /his"),
    ("/his", "/his\n"),
    ("/his", "/%68is"),
    ("/his", "/h\u0456s"),  # a Ukrainian i
    ("/his", "//his"),
    ("/his", "/./his"),
    ("/his", ""),
    ("*", ""),
    ("**", ""),
    ("a*a", "a"),
    ("a*b*c", "acb"),
    ("*ab*ab*", "aba"),
    ("ab*ba", "aba"),
    ("a.b", "axb"),
    ("/hospitals/*", "/hospital/"),
    ("*/his", "/his/x"),
]


@pytest.mark.parametrize(("pattern", "value"), FITS)
def test_it_fits(pattern, value):
    assert PlainPattern(pattern).fits(value)


@pytest.mark.parametrize(("pattern", "value"), FITS_NOT)
def test_it_does_not_fit(pattern, value):
    assert not PlainPattern(pattern).fits(value)


def test_composed_and_decomposed_letters_are_different_texts():
    assert not PlainPattern("/\u0439").fits("/\u0438\u0306")


def test_the_worst_pattern_on_the_longest_name_is_fast():
    pattern = PlainPattern("*a*a*a*a*a*a*b*")
    started = time.perf_counter()
    assert not any(pattern.fits("a" * 255) for _ in range(1000))
    assert time.perf_counter() - started < 1


TEXT = TypeAdapter(PatternText)


@pytest.mark.parametrize("text", ["/hospitals/a/*", "*", "urn:his:1", "dr-a", "a%20b", "x" * 255, "*" * 8])
def test_patterns_that_are_taken(text):
    assert TEXT.validate_python(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a b",
        "/his\n",
        "x" * 256,
        "*" * 9,
        "dr-?",
        "dr-[ab]",
        "{a,b}",
        "a|b",
        "^a",
        "a$",
        "\\d",
        "/софия",
    ],
)
def test_patterns_that_are_refused(text):
    with pytest.raises(ValidationError, match="must be a plain pattern"):
        TEXT.validate_python(text)
