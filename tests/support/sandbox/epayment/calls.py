"""Calls of the Direct API, written by hand after its document: nothing here is shared with the sandbox or the worker.

The payer is invented: an EGN with month + 20 belongs to a birth in the 1800s, so to nobody alive.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from urllib.parse import urlencode

PATH = "/api/v1/eService/"
FORM = "application/x-www-form-urlencoded; charset=UTF-8"
PAYER = "5523056031"
IBAN = "BG71SBXA00000000000001"
OTHER_IBAN = "BG44SBXA00000000000002"


def payment(**changes):
    """Return a payment request with all that is mandatory; a change to None leaves the field out."""
    fields = {
        "aisPaymentId": "HIS-1",
        "serviceProviderName": "Измислена болница",
        "serviceProviderBank": "Измислена банка",
        "serviceProviderBIC": "SBXABGSF",
        "serviceProviderIBAN": IBAN,
        "currency": "EUR",
        "paymentAmount": 12.5,
        "paymentReason": "Потребителска такса",
        "applicantUinTypeId": 1,
        "applicantUin": PAYER,
        "applicantName": "Измислена Петрова Иванова",
        "paymentReferenceNumber": "REF-1",
        "paymentReferenceDate": "2026-12-01",
        "expirationDate": "2027-01-31T23:59:59",
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


def encoded(content) -> str:
    """Return the data of a call: base64 of the JSON; bytes are taken as they are."""
    return base64.b64encode(content if isinstance(content, bytes) else _json(content)).decode()


def _json(content) -> bytes:
    """Write UTF-8, and escapes only for what has none: half of a pair of surrogates."""
    try:
        return json.dumps(content, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(content).encode()


def signed(secret: str, data: str) -> str:
    """Return the HMAC of the data's text."""
    return base64.b64encode(hmac.new(secret.encode(), data.encode(), hashlib.sha256).digest()).decode()


def form(client_id: str, secret: str, content, **more) -> bytes:
    """Return the body of a call."""
    data = encoded(content)
    return urlencode({"clientId": client_id, "hmac": signed(secret, data), "data": data, **more}).encode()
