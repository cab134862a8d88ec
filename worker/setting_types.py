"""What all settings models share: their base class, and types of texts that must have a given form.

Events have `contracts.fields` for this, because their patterns must appear in the published JSON Schema.
"""

from __future__ import annotations

import re
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, HttpUrl, UrlConstraints

HttpsUrl = Annotated[HttpUrl, UrlConstraints(allowed_schemes=["https"])]


class SettingsModel(BaseModel):
    """A section of the settings. Its docstrings appear in docs/configuration.md; its values appear in no error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def must_be(pattern: str, words: str) -> AfterValidator:
    """Return a check that the whole text fits `pattern`; ``words`` complete the sentence "must be …"."""
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


ProbePath = Annotated[
    str, must_be(r"[/?][!-~]*", "a path that begins with /, or a query that begins with ?, without spaces")
]
"""What a probe asks for, under a system's address. What a system answers there is documented nowhere."""

TimeZoneName = Annotated[str, AfterValidator(_known_zone)]
