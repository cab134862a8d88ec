"""An answer made to look like that of another prescription: every name of this one is replaced."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from sandbox.erx.barcodes import another
from sandbox.erx.envelope import as_json

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet


def altered(body: bytes, names: AbstractSet[str]) -> bytes:
    """Return the JSON with each of the names as another, and with other barcodes of the register's own.

    A name is replaced wherever it stands as a whole, within a barcode or an address too. What is no JSON stays.
    """
    try:
        value = json.loads(body)
    except ValueError:
        return body
    words = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    pattern = re.compile(rf"(?<![0-9A-Za-z])(?:{words})(?![0-9A-Za-z])") if words else None
    return as_json(_replaced(value, pattern))


def _replaced(value: Any, pattern: re.Pattern[str] | None) -> Any:
    if isinstance(value, dict):
        return {name: _replaced(inner, pattern) for name, inner in value.items()}
    if isinstance(value, list):
        return [_replaced(one, pattern) for one in value]
    if not isinstance(value, str):
        return value
    renamed = pattern.sub(lambda found: f"9{found[0]}", value) if pattern else value
    return another(renamed)
