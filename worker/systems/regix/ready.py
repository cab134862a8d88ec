"""The text by which a call of RegiX hastens a waiting submission: number and code, in one form. Pure."""

from __future__ import annotations

import json


def ready_text(call_id: str, code: str) -> str:
    """Return number and verification code as one text; different pairs never have the same one."""
    return json.dumps([call_id, code], ensure_ascii=False)
