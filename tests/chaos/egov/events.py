"""What a hospital asks of RegiX and of ePayments, as events. The persons are invented; their numbers are nobody's."""

from __future__ import annotations

import json
from typing import Any

from tests.chaos.egov.plan import Kind
from tests.support.worker.hospital import SOURCE, Event

REGIX_SIGNER, PAYMENTS_SIGNER = "registry-desk", "payments-desk"
REPORT_REQUEST, PAYMENT_REQUEST = "regix.report.request.v1", "epayment.payment.request.v1"
PERSON = "8223091063"
"""Known to the RegiX sandbox; born in the 1800s."""


def system_of(kind: Kind) -> str:
    """Return the system that is asked."""
    return "epayment" if kind is Kind.PAYMENT else "regix"


def event(name: str, kind: Kind) -> Event:
    """Return the event. The sandboxes' ledgers name it by ``name``: as ServiceURI, or as aisPaymentId."""
    payment = kind is Kind.PAYMENT
    document = {
        "specversion": "1.0",
        "id": name,
        "source": SOURCE,
        "type": PAYMENT_REQUEST if payment else REPORT_REQUEST,
        "signer": PAYMENTS_SIGNER if payment else REGIX_SIGNER,
        "data": _payment(name) if payment else _report(name, kind),
    }
    return Event(name, name.encode(), json.dumps(document, ensure_ascii=False).encode())


def _report(name: str, kind: Kind) -> dict[str, Any]:
    context = {
        "serviceUri": name,
        "serviceType": "Измислена услуга",
        "lawReason": "Измислено правно основание, чл. 1",
    }
    if kind is Kind.LATER_WRITE:
        # The sandbox answers it later though it is not asked to, and compares arguments to find a repeated write.
        return {
            "operation": "SendNotaryDocuments",
            "xml": f"<a xmlns='urn:invented'>{name}</a>",
            "context": context,
        }
    return {
        "operation": "ValidPersonSearch",
        "argument": {"egn": PERSON},
        "context": context,
        "asynchronous": kind is Kind.LATER_REPORT,
    }


def _payment(name: str) -> dict[str, Any]:
    return {
        "aisPaymentId": name,
        "amount": "24.50",
        "reason": "Измислена такса",
        "payer": {"identifierType": "egn", "identifier": "7223154154", "name": "Радка Примерова Измислена"},
        "reference": {"number": name, "date": "2025-03-14", "type": "9"},
        "expiresAt": "2035-12-31T21:59:59Z",
    }
