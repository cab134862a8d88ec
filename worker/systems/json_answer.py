"""JSON as systems answer it: what other readers take too, though the contracts do not take it in events. Pure."""

from __future__ import annotations

import re
from typing import Any

from contracts import strict_json

_MARK = "\ufeff"
_LEADING = _MARK + " \t\r\n"
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
"""One escape; a pair of surrogates is one, and so nothing but a half is found as one."""


def parse(text: str) -> Any:
    """Parse one JSON document. Raises NotJson.

    Byte order marks before it are passed over, and an escaped half of a surrogate pair becomes U+FFFD: neither may make
    an outcome unknown, and what is published must be UTF-8.
    """
    return strict_json.parse(_ESCAPE.sub(_without_half, content_of(text)))


def content_of(text: str) -> str:
    """Return the text from the first character of its content."""
    return text.lstrip(_LEADING)


def _without_half(escape: re.Match[str]) -> str:
    return r"\ufffd" if escape["half"] else escape[0]
