"""JSON in its only form as the standard library writes it: the form of which the journal has hashes."""

from __future__ import annotations

import json
from typing import Any


def canonical(value: Any) -> bytes:
    """Write a value with sorted names and without spaces."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()
