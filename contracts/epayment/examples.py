"""One example per event of ePayments. The payer is invented: nobody born in the 1800s is alive."""

from __future__ import annotations

from typing import Any

_PAYER = {"identifierType": "egn", "identifier": "7223154154", "name": "Радка Примерова Измислена"}
_PAYMENT_ID = "2503141"

_PAYMENT: dict[str, Any] = {
    "aisPaymentId": "INV-2025-000123",
    "amount": "24.50",
    "reason": "Потребителска такса, прием 000123",
    "payer": _PAYER,
    "reference": {"number": "2025-000123", "date": "2025-03-14", "type": "9"},
    "expiresAt": "2035-12-31T21:59:59Z",
}

REQUEST: dict[str, Any] = {**_PAYMENT, "additionalInformation": "Измислен пример"}

REQUEST_BODY = (
    "application/json",
    '{"unacceptedReceiptJson":null,"acceptedReceiptJson":{"id":"2503141","registrationTime":"2025-03-14T11:30:00+02:00"}}',
)

REQUESTED: dict[str, Any] = {
    "paymentId": _PAYMENT_ID,
    "registrationTime": "2025-03-14T11:30:00+02:00",
}

REQUEST_EXTENDED: dict[str, Any] = {
    **_PAYMENT,
    "currency": "EUR",
    "eserviceClientId": "invented-client",
}

REQUEST_EXTENDED_BODY = (
    "application/json",
    (
        '{"unacceptedReceiptJson":null,"acceptedReceiptJson":{"accessCode":"A1B2C3D4","id":"2503141",'
        '"registrationTime":"2025-03-14T11:30:00+02:00"}}'
    ),
)

REQUESTED_EXTENDED: dict[str, Any] = {**REQUESTED, "accessCode": "A1B2C3D4"}

STATUS: dict[str, Any] = {"paymentIds": [_PAYMENT_ID, "2503142"]}

STATUS_BODY = (
    "application/json",
    (
        '{"paymentStatuses":[{"id":"2503141","status":"paid","changeTime":"2025-03-15T10:00:00.123"},'
        '{"id":"2503142","status":null,"changeTime":null}]}'
    ),
)

STATUSES: dict[str, Any] = {
    "payments": [
        {
            "paymentId": _PAYMENT_ID,
            "found": True,
            "status": "paid",
            "statedStatus": "paid",
            "changeTime": "2025-03-15T10:00:00.123",
        },
        {"paymentId": "2503142", "found": False},
    ]
}

SEARCH: dict[str, Any] = {
    "payer": {"identifierType": "egn", "identifier": "7223154154"},
    "state": "pending",
    "page": 1,
    "pageSize": 20,
}

FOUND: dict[str, Any] = {
    "total": 1,
    "payments": [
        {
            "paymentId": _PAYMENT_ID,
            "status": "pending",
            "statedStatus": "pending",
            "changeTime": "2025-03-14T11:30:00",
            "amount": "24.50",
            "currency": "EUR",
            "reason": "Потребителска такса, прием 000123",
            "referenceNumber": "2025-000123",
            "referenceDate": "2025-03-14T00:00:00",
            "expiresAt": "2035-12-31T23:59:59",
            "providerName": "МБАЛ Пример",
            "providerIban": "BG00XXXX00000000000000",
        }
    ],
}

SUSPEND: dict[str, Any] = {"paymentId": _PAYMENT_ID}

EMPTY_BODY = ("application/json", "{}")

SUSPENDED: dict[str, Any] = {"paymentId": _PAYMENT_ID, "status": "suspended"}

SET_PAID: dict[str, Any] = {
    "paymentId": _PAYMENT_ID,
    "method": "cash-desk",
    "description": "Квитанция 000456",
}

PAID: dict[str, Any] = {"paymentId": _PAYMENT_ID, "status": "paid"}

READ_CODE: dict[str, Any] = {"paymentId": _PAYMENT_ID}

CODE_BODY = ("application/json", '{"accessCode":"A1B2C3D4"}')

CODE: dict[str, Any] = {"paymentId": _PAYMENT_ID, "accessCode": "A1B2C3D4"}

STATUS_CHANGED: dict[str, Any] = {
    "paymentId": _PAYMENT_ID,
    "status": "paid",
    "statedStatus": "Paid",
    "changeTime": "2025-03-15T10:00:00.1230000",
    "client": "desk-example",
    "confirmedBy": "signature",
}
