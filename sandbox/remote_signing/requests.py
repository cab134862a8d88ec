"""The bodies of requests to the stand-ins for signing providers."""

from __future__ import annotations

import json
from typing import Any


def fields_of(body: bytes) -> dict[str, Any]:
    """Return the members of a JSON object; none where the body is anything else."""
    try:
        content = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
