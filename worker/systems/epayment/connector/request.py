"""From an event to a request of the connector. Pure.

Source: a public client of the connector (confirmed: paths, methods, `Service-Cid`, members, the amount as a text, a
payer that is an organisation by `BULSTAT`). Inferred: the type of such a payer; the client sends PERSON for everybody.
"""

from __future__ import annotations

import json
from dataclasses import field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from contracts.epayment.requests import (
    PaidBy,
    PayerIdentifierType,
    ReadPaymentStatuses,
    RequestPayment,
    RequestPaymentExtended,
    SetPaymentPaid,
    SuspendPayment,
)
from contracts.immutable import immutable
from worker.systems.epayment.request import HIDDEN_URL, currency_of
from worker.systems.stated import without_gaps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from worker.systems.epayment.settings import EpaymentSettings

JSON = "application/json"
SERVICE = "service-cid"
_NONE: Mapping[str, str] = MappingProxyType({})
_CALLED_AT = "administrativeServiceNotificationURL"
_PAYERS = {
    PayerIdentifierType.EGN: ("PERSON", "EGN"),
    PayerIdentifierType.BULSTAT: ("LEGALPERSON", "BULSTAT"),
}
_PAID_BY = {PaidBy.OTHER: "OTHER", PaidBy.CASH_DESK: "CASH"}


@immutable
class Request:
    """``path`` is below the connector's own; ``message`` its JSON, None for a question by the address alone."""

    method: str
    path: str = field(repr=False)
    message: Mapping[str, Any] | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=lambda: _NONE)

    @property
    def body(self) -> bytes:
        """The bytes that are sent."""
        return b"" if self.message is None else _written(self.message)

    @property
    def evidence(self) -> bytes | None:
        """What may be kept of them, where that is not all: the address for calls holds a secret."""
        data = None if self.message is None else self.message.get("paymentData")
        if self.message is None or data is None or _CALLED_AT not in data:
            return None
        return _written({**self.message, "paymentData": {**data, _CALLED_AT: HIDDEN_URL}})


def request_of(
    data: BaseModel, settings: EpaymentSettings, service_cid: str, notification_url: str | None
) -> Request:
    """Return the request for an event that the connector serves. ``service_cid`` is the signer's own service."""
    match data:
        case RequestPayment() | RequestPaymentExtended():
            paid = data.eservice_client_id if isinstance(data, RequestPaymentExtended) else service_cid
            message = {"actors": [_payer(data)], "paymentData": _payment(data, settings, notification_url)}
            return Request("POST", "/registerPaymentExtended", message, {SERVICE: paid})
        case ReadPaymentStatuses(payment_ids=ids):
            return status_request(ids[0])
        case SuspendPayment(payment_id=one):
            return _change({"paymentId": one, "status": "SUSPENDED"})
        case SetPaymentPaid(payment_id=one):
            method = _PAID_BY[data.method]
            paid_by = {"method": method, "description": data.description}
            return _change({"paymentId": one, "status": "PAID", **paid_by})
    raise TypeError(type(data).__name__)


def status_request(payment_id: str) -> Request:
    """Return the question for the status of one payment request."""
    return Request("GET", f"/getPaymentStatus?{urlencode({'paymentId': payment_id})}")


def _change(message: Mapping[str, str]) -> Request:
    return Request("PUT", "/changePaymentStatus", message)


def _payer(data: RequestPayment | RequestPaymentExtended) -> dict[str, Any]:
    kind, number = _PAYERS[data.payer.identifier_type]
    return {
        "participantType": "APPLICANT",
        "type": kind,
        "uid": {"type": number, "value": data.payer.identifier},
        "name": data.payer.name,
    }


def _payment(
    data: RequestPayment | RequestPaymentExtended, settings: EpaymentSettings, notification_url: str | None
) -> dict[str, Any]:
    expires = data.expires_at.astimezone(ZoneInfo(settings.time_zone))
    return without_gaps(
        paymentId=data.ais_payment_id,
        currency=currency_of(data, settings),
        amount=data.amount,
        typeCode=data.payment_type_code,
        referenceNumber=data.reference.number,
        referenceType=data.reference.type,
        referenceDate=data.reference.date.isoformat(),
        expirationDate=expires.isoformat(timespec="seconds"),
        reason=data.reason,
        additionalInformation=data.additional_information,
        administrativeServiceUri=data.administrative_service_uri,
        administrativeServiceSupplierUri=data.administrative_service_supplier_uri,
        **{_CALLED_AT: notification_url},
    )


def _written(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
