"""What all settings models are made of: their base class, and texts of some form, with words for another one.

The events have `contracts.fields` for the same: there the pattern must stand in the published JSON Schema.
"""

from __future__ import annotations

import re
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, HttpUrl, UrlConstraints

HttpsUrl = Annotated[HttpUrl, UrlConstraints(allowed_schemes=["https"])]


class SettingsModel(BaseModel):
    """A section of the settings. Its docstrings go into docs/configuration.md, its values into no error."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )


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
