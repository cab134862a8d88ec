"""Any event of RegiX: its argument made to agree with its operation."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from contracts.regix.arguments import FIELDS

VALUES: dict[str, Any] = {
    "egn": "7223154154",
    "searchDate": "2025-03-14",
    "identifier": "7223154154",
    "identifierType": "LNCh",
    "medicinalProductIdentifier": "12345",
}
"""A value of each field, where none was drawn. The person is invented."""
TEXTS = ("<a/>", "<a xmlns='urn:a'><b c='1'>\n &amp; Ж</b></a>", "<x:a xmlns:x='urn:x'><![CDATA[<]]></x:a>")


def agree_on_regix(draw: st.DrawFn, data: dict[str, Any]) -> None:
    """Give the operation an argument that it takes: its own fields, or XML."""
    drawn = data.pop("argument", None) or {}
    data.pop("xml", None)
    if draw(st.booleans()):
        data["operation"] = draw(st.sampled_from(("GetActualState", "SendPaymentNotification", *FIELDS)))
        data["xml"] = draw(st.sampled_from(TEXTS))
        return
    data["operation"] = draw(st.sampled_from(sorted(FIELDS)))
    data["argument"] = {name: drawn.get(name) or VALUES[name] for name in FIELDS[data["operation"]]}
