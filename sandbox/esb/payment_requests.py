"""The connector's JSON, as fields of the Direct API. Which field becomes which is inferred from their names."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

UID_TYPES = {"EGN": 1, "BULSTAT": 3, "EIK": 3}
ACTORS = ("PERSON", "LEGALPERSON", "STATEADMINISTRATION", "LICEPOCHL1AL2")
METHODS = {"CASH": "cashdesk", "OTHER": "other"}
_FIELDS = {
    "paymentId": "aisPaymentId",
    "currency": "currency",
    "typeCode": "paymentTypeCode",
    "referenceNumber": "paymentReferenceNumber",
    "referenceType": "paymentReferenceType",
    "referenceDate": "paymentReferenceDate",
    "expirationDate": "expirationDate",
    "reason": "paymentReason",
    "additionalInformation": "additionalInformation",
    "administrativeServiceUri": "administrativeServiceUri",
    "administrativeServiceSupplierUri": "administrativeServiceSupplierUri",
    "administrativeServiceNotificationURL": "administrativeServiceNotificationURL",
}


class Unusable(ValueError):
    """The request is not one that the connector can pass on; the message says why."""


def payment_fields(content: Any) -> dict[str, Any]:
    """Return paymentJsonExtended's fields of a registerPaymentExtended. Raises Unusable."""
    data = content.get("paymentData") if isinstance(content, Mapping) else None
    if not isinstance(data, Mapping):
        raise Unusable("paymentData is missing")
    payer = _applicant(content.get("actors"))
    uid = payer.get("uid")
    if not isinstance(uid, Mapping) or uid.get("type") not in UID_TYPES:
        raise Unusable(f"the applicant's uid needs a type, one of {', '.join(UID_TYPES)}")
    fields = {theirs: data[ours] for ours, theirs in _FIELDS.items() if data.get(ours) is not None}
    return {
        **fields,
        "paymentAmount": _amount(data.get("amount")),
        "applicantUinTypeId": UID_TYPES[uid["type"]],
        "applicantUin": uid.get("value"),
        "applicantName": payer.get("name"),
    }


def change_fields(content: Any) -> tuple[str, dict[str, Any]]:
    """Return the Direct API's method and fields of a changePaymentStatus. Raises Unusable."""
    if not isinstance(content, Mapping) or not isinstance(content.get("paymentId"), str):
        raise Unusable("paymentId is missing")
    status = str(content.get("status")).upper()
    fields = {"id": content["paymentId"]}
    if status == "SUSPENDED":
        return "suspendRequest", fields
    method = METHODS.get(str(content.get("method")).upper())
    if status != "PAID" or method is None:
        raise Unusable("status must be PAID or SUSPENDED, method CASH or OTHER")
    return "setStatusPaid", {
        **fields,
        "paymentMethod": method,
        "paymentDescription": content.get("description"),
    }


def _applicant(actors: Any) -> Mapping[str, Any]:
    listed = actors if isinstance(actors, list) else []
    payers = [one for one in listed if isinstance(one, Mapping) and one.get("participantType") == "APPLICANT"]
    if len(payers) != 1 or payers[0].get("type") not in ACTORS:
        raise Unusable(f"actors need one APPLICANT, whose type is one of {', '.join(ACTORS)}")
    return payers[0]


def _amount(value: Any) -> float:
    """Return the amount, which a client of the connector writes as a text."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation as error:
        raise Unusable("amount must be a number") from error
    if not amount.is_finite():
        raise Unusable("amount must be a number")
    return float(amount)
