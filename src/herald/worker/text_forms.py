"""Settings that are texts of some form, and the words that tell it to whoever wrote another."""

from __future__ import annotations

import re

from pydantic import AfterValidator


def formed(pattern: str, words: str) -> AfterValidator:
    """Return a check that the whole text fits `pattern`; ``words`` go on after "must be"."""
    form = re.compile(pattern)

    def check(text: str) -> str:
        if not form.fullmatch(text):
            raise ValueError(f"must be {words}")
        return text

    return AfterValidator(check)
