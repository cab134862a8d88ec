"""Settings that are texts of some form, and the words that tell it to whoever wrote another.

The events have `contracts.forms` for the same: there the pattern must stand in the published JSON Schema.
"""

from __future__ import annotations

import re

from pydantic import AfterValidator


def must_be(pattern: str, words: str) -> AfterValidator:
    """Return a check that the whole text fits `pattern`; ``words`` go on after "must be"."""
    form = re.compile(pattern)

    def check(text: str) -> str:
        if not form.fullmatch(text):
            raise ValueError(f"must be {words}")
        return text

    return AfterValidator(check)
