"""Settings that are texts of some form, and the words that tell it to whoever wrote another.

The events have `contracts.fields` for the same: there the pattern must stand in the published JSON Schema.
"""

from __future__ import annotations

import re
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, HttpUrl, UrlConstraints

HttpsUrl = Annotated[HttpUrl, UrlConstraints(allowed_schemes=["https"])]


def must_be(pattern: str, words: str) -> AfterValidator:
    """Return a check that the whole text fits `pattern`; ``words`` go on after "must be"."""
    form = re.compile(pattern)

    def check(text: str) -> str:
        if not form.fullmatch(text):
            raise ValueError(f"must be {words}")
        return text

    return AfterValidator(check)


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("no such time zone on this machine; is the tz database installed?") from error
    return name


TimeZoneName = Annotated[str, AfterValidator(_known_zone)]
