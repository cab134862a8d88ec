"""From an event to the bytes that leave: the JSON of a method, and the signed form that carries it. Pure.

Confirmed by the public interface document (version 1.3, chapters 2 to 4) and the public server.
"""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from contracts.epayment.requests import (
    PaidBy,
    PayerIdentifierType,
    PaymentState,
    ReadAccessCode,
    ReadPaymentStatuses,
    RequestPayment,
    RequestPaymentExtended,
    SearchPayments,
    SetPaymentPaid,
    SuspendPayment,
)
from worker.systems.epayment.settings import Name
from worker.systems.stated import without_gaps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import BaseModel

    from worker.systems.epayment.credentials import Credentials
    from worker.systems.epayment.settings import EpaymentSettings, Provider

FORM = "application/x-www-form-urlencoded; charset=UTF-8"
HIDDEN_URL = "https://hidden.invalid/"
"""Stands in the evidence in place of the address for calls, whose path is a secret."""
STATUSES = "paymentsStatus"
_CALLED_AT = "administrativeServiceNotificationURL"
_LISTS = {PaymentState.PENDING: "pendingPaymentStatusJson", PaymentState.NOT_PENDING: "paymentStatusJson"}
_METHODS = {
    Name.REQUEST: "paymentJson",
    Name.REQUEST_EXTENDED: "paymentJsonExtended",
    Name.STATUS: STATUSES,
    Name.SUSPEND: "suspendRequest",
    Name.SET_PAID: "setStatusPaid",
    Name.ACCESS_CODE: "accessCode",
}
_PAYERS = {PayerIdentifierType.EGN: 1, PayerIdentifierType.LNCH: 2, PayerIdentifierType.BULSTAT: 3}
_PAID_BY = {PaidBy.OTHER: 1, PaidBy.CASH_DESK: 2}


def method_of(name: Name, data: BaseModel) -> str:
    """Return the method of the API that serves an event."""
    return list_method(data.state) if isinstance(data, SearchPayments) else _METHODS[name]


def list_method(state: PaymentState) -> str:
    """Return the method that lists a person's payment requests of a state."""
    return _LISTS[state]


def message_of(
    data: BaseModel, settings: EpaymentSettings, provider: Provider | None, notification_url: str | None
) -> dict[str, Any]:
    """Return the members of a method's JSON; amounts are Decimal.

    ``provider`` is needed by `payment.request` alone.
    """
    match data:
        case RequestPayment() | RequestPaymentExtended():
            return _payment(data, settings, provider, notification_url)
        case ReadPaymentStatuses():
            return statuses_message(data.payment_ids)
        case SearchPayments():
            return list_message(data.payer.identifier, data.page, data.page_size)
        case SetPaymentPaid():
            method = _PAID_BY[data.method]
            return {"id": data.payment_id, "paymentMethod": method, "paymentDescription": data.description}
        case SuspendPayment() | ReadAccessCode():
            return {"id": data.payment_id}
    raise TypeError(type(data).__name__)


def statuses_message(payment_ids: Sequence[str]) -> dict[str, Any]:
    """Return the question for the statuses of payment requests."""
    return {"requestIds": list(payment_ids)}


def list_message(number: str, page: int, size: int) -> dict[str, Any]:
    """Return the question for a page of a person's payment requests."""
    return {"applicantUin": number, "pageNumber": page, "pageSize": size}


def currency_of(data: RequestPayment | RequestPaymentExtended, settings: EpaymentSettings) -> str:
    """Return the currency of a payment request."""
    return data.currency or settings.currency


def json_text(message: Mapping[str, Any]) -> str:
    """Write the message. An amount is written digit by digit: no binary fraction is made of it."""
    members = (f"{json.dumps(name)}:{_written(value)}" for name, value in message.items())
    return "{" + ",".join(members) + "}"


def form_of(
    message: Mapping[str, Any], credentials: Credentials, *, beneficiary: str | None = None
) -> tuple[bytes, bytes | None]:
    """Return the signed form that carries a message, and what may be kept of it where that is not all.

    ``beneficiary`` is the extended form's `eserviceClientId`.
    """
    data = _base64(message)
    signature = credentials.sign(data)
    form = _encoded(credentials, data, signature, beneficiary)
    if _CALLED_AT not in message:
        return form, None
    kept = _base64({**message, _CALLED_AT: HIDDEN_URL})
    return form, _encoded(credentials, kept, signature, beneficiary)


def _base64(message: Mapping[str, Any]) -> str:
    return base64.b64encode(json_text(message).encode()).decode()


def _encoded(credentials: Credentials, data: str, signature: str, beneficiary: str | None) -> bytes:
    fields = without_gaps(
        eserviceClientId=beneficiary, clientId=credentials.client_id, hmac=signature, data=data
    )
    return urlencode(fields).encode()


def _written(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _payment(
    data: RequestPayment | RequestPaymentExtended,
    settings: EpaymentSettings,
    provider: Provider | None,
    notification_url: str | None,
) -> dict[str, Any]:
    expires = data.expires_at.astimezone(ZoneInfo(settings.time_zone))
    return without_gaps(
        aisPaymentId=data.ais_payment_id,
        **_account(data, provider),
        currency=currency_of(data, settings),
        paymentTypeCode=data.payment_type_code,
        obligationType=data.obligation_type,
        paymentAmount=Decimal(data.amount),
        paymentReason=data.reason,
        applicantUinTypeId=_PAYERS[data.payer.identifier_type],
        applicantUin=data.payer.identifier,
        applicantName=data.payer.name,
        paymentReferenceType=data.reference.type,
        paymentReferenceNumber=data.reference.number,
        paymentReferenceDate=data.reference.date.isoformat(),
        expirationDate=expires.isoformat(timespec="seconds"),
        additionalInformation=data.additional_information,
        administrativeServiceUri=data.administrative_service_uri,
        administrativeServiceSupplierUri=data.administrative_service_supplier_uri,
        payOrder=data.pay_order if isinstance(data, RequestPaymentExtended) else None,
        **{_CALLED_AT: notification_url},
    )


def _account(data: BaseModel, provider: Provider | None) -> dict[str, str]:
    """Return the account's members: the extended form has none, as the system knows the account of its client."""
    if isinstance(data, RequestPaymentExtended) or provider is None:
        return {}
    return {
        "serviceProviderName": provider.name,
        "serviceProviderBank": provider.bank,
        "serviceProviderBIC": provider.bic,
        "serviceProviderIBAN": provider.iban,
    }
