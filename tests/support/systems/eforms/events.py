"""Making the fields of eForms events agree, so that events drawn from their schemas pass their rules."""

from __future__ import annotations

import base64
from typing import Any

from hypothesis import strategies as st


def agree_on_eforms(draw: st.DrawFn, data: dict[str, Any]) -> None:
    """Give each document one content, and an identifier of its own."""
    documents = {one["identifier"]: one for one in data.get("documents") or ()}
    for one in documents.values():
        one.pop("content", None)
        if "uploaded" not in one or draw(st.booleans()):
            one.pop("uploaded", None)
            one["content"] = base64.b64encode(draw(st.binary(min_size=1, max_size=20))).decode()
    if "documents" in data:
        data["documents"] = list(documents.values())
