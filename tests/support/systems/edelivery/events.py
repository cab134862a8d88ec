"""Making the fields of eDelivery's events agree, so that events drawn from their schemas pass their rules."""

from __future__ import annotations

import base64
from typing import Any

from hypothesis import strategies as st


def agree_on_edelivery(draw: st.DrawFn, event_type: str, data: dict[str, Any]) -> None:
    """Make fields agree that the rules tie together."""
    if event_type == "edelivery.profile.register-passive.v1":
        # Invented: an EGN with month + 20 belongs to a birth in the 1800s, so to nobody alive.
        data["identifier"] = draw(st.sampled_from(["7223154154", "1003000022"]))
    if "sentFrom" in data and "sentTo" in data:
        data["sentFrom"], data["sentTo"] = sorted((data["sentFrom"], data["sentTo"]))
    if "recipients" in data:
        data["recipients"] = list(dict.fromkeys(data["recipients"]))
        if len(data["subject"].encode("utf-16-le")) > 2 * 255:
            data["subject"] = "Измислен текст"
        data["fields"] = list({one["id"]: one for one in data["fields"]}.values())
        for one in data["fields"]:
            _one_value(draw, one)


def _one_value(draw: st.DrawFn, field: dict[str, Any]) -> None:
    kept = draw(st.sampled_from(["text", "checked", "files"]))
    field.setdefault("text", "Текст")
    field.setdefault("checked", True)
    field.setdefault("files", [{"name": "файл.pdf", "content": "aGVsbG8="}])
    for way in {"text", "checked", "files"} - {kept}:
        del field[way]
    for file in field.get("files", ()):
        file["content"] = base64.b64encode(draw(st.binary(min_size=1, max_size=20))).decode()
        file.pop("uploaded", None)
