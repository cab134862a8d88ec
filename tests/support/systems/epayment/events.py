"""Making the fields of payment events agree, so that events drawn from their schemas pass their rules."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

_PERSONS: list[dict[str, Any]] = [
    # Invented: an EGN with month + 20 belongs to a birth in the 1800s, so to nobody alive.
    {"identifierType": "egn", "identifier": "7223154154"},
    {"identifierType": "lnch", "identifier": "1003000022"},
]
_PAYERS = [*_PERSONS, {"identifierType": "bulstat", "identifier": "000000001"}]


def agree_on_epayment(draw: st.DrawFn, event_type: str, data: dict[str, Any]) -> None:
    """Make fields agree that the rules tie together."""
    if "payer" in data:
        searches = event_type == "epayment.payment.search.v1"
        data["payer"].update(draw(st.sampled_from(_PERSONS if searches else _PAYERS)))
    if "reason" in data:
        _fit(data, "reason", 200)
        _fit(data, "administrativeServiceUri", 100)
        _fit(data, "administrativeServiceSupplierUri", 100)
        _fit(data["reference"], "number", 50)
        _fit(data["reference"], "type", 50)
    if "expiresAt" in data:
        data["expiresAt"] = "2035-12-31T21:59:59.123Z"
    if "paymentIds" in data:
        data["paymentIds"] = [f"{one[:40]}{index}" for index, one in enumerate(data["paymentIds"])]


def _fit(data: dict[str, Any], name: str, most: int) -> None:
    """Replace a text that has more units of UTF-16 than the system's column."""
    if isinstance(found := data.get(name), str) and len(found.encode("utf-16-le")) > 2 * most:
        data[name] = "Измислен текст"
