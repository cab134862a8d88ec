"""Answers of ePayments as its public sources have them, written apart from the worker. All people are invented."""

from __future__ import annotations

import json
from typing import Any

from contracts.epayment.examples import REQUEST

PAYMENT_ID = "2503141"
IBAN = "BG00XXXX00000000000000"
REPLACING = (
    "Payment request with corresponding aisPaymentId has status 'Paid'. Payment request replacing is allowed only "
    "when request status is 'Pending'."
)
NUMBER_TAKEN = "Element 'PaymentReference.PaymentReferenceNumber' is already present in the Database."
NO_CURRENCY = "Element 'Currency' is required."
UNPARSED = (
    "An error occurred when attempting to parse data. Please ensure that POST data is in correct format."
)
NOT_PENDING = "Unable to suspend payment request with status different from 'Pending'."


def encoded(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def taken(payment_id: Any = PAYMENT_ID, **more: Any) -> bytes:
    """The answer that accepts a payment request."""
    accepted = {"id": payment_id, "registrationTime": "2025-03-14T11:30:00.1234567+02:00", **more}
    return encoded({"unacceptedReceiptJson": None, "acceptedReceiptJson": accepted})


def untaken(*errors: str, accepted: Any = None) -> bytes:
    """The answer that refuses it."""
    unaccepted = {"validationTime": "2025-03-14T11:30:00", "errors": list(errors)}
    return encoded({"unacceptedReceiptJson": unaccepted, "acceptedReceiptJson": accepted})


def message(text: str) -> bytes:
    """The body of a 400 or 401."""
    return encoded({"Message": text})


def statuses(*pairs: tuple[str, Any], time: str | None = "2025-03-15T10:00:00.123") -> bytes:
    """The answer of `paymentsStatus`."""
    found = [{"id": one, "status": status, "changeTime": time if status else None} for one, status in pairs]
    return encoded({"paymentStatuses": found})


def listed(**changes: Any) -> dict[str, Any]:
    """An entry of a payer's list that is of the example event, changed."""
    result = {
        "id": PAYMENT_ID,
        "status": "pending",
        "statusChangeTime": "2025-03-14T11:30:00",
        "serviceProviderName": "МБАЛ Пример",
        "serviceProviderBank": "Банка Пример",
        "serviceProviderBIC": "XXXXBGSF",
        "serviceProviderIBAN": IBAN,
        "currency": "EUR",
        "paymentTypeCode": None,
        "paymentAmount": 24.5,
        "paymentReason": REQUEST["reason"],
        "applicantUinType": "egn",
        "applicantUin": REQUEST["payer"]["identifier"],
        "applicantName": REQUEST["payer"]["name"],
        "paymentReferenceType": "9",
        "paymentReferenceNumber": REQUEST["reference"]["number"],
        "paymentReferenceDate": f"{REQUEST['reference']['date']}T00:00:00",
        "expirationDate": "2035-12-31T23:59:59",
        "additionalInformation": None,
        "createDate": "2025-03-14T11:30:00",
        "eserviceClientAisName": "HIS",
        "clientId": None,
    }
    return {"paymentrequestID": 7, "result": result | changes}


def page(*entries: dict[str, Any], count: Any = ...) -> bytes:
    """The answer of `pendingPaymentStatusJson` and `paymentStatusJson`; without a count as the document has it."""
    total = {} if count is None else {"count": len(entries) if count is ... else count}
    return encoded({**total, "paymentStatuses": list(entries)})
