"""One example for each of the portal's events. All of them are invented, and state this: the types are not public."""

from __future__ import annotations

from typing import Any

CALL: dict[str, Any] = {
    "operation": "UpdateService",
    "arguments": {
        "service": {
            "number": 2070,
            "title": "Измислена услуга (invented)",
            "supplier": "000000000",
            "price": "12.10",
            "channel": ["desk", "web"],
        }
    },
}

_ANSWER = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    '<UpdateServiceResponse xmlns="urn:invented:peu"><id>7</id></UpdateServiceResponse></s:Body></s:Envelope>'
)
CALL_BODY = ("text/xml", _ANSWER)

CALLED: dict[str, Any] = {"operation": "UpdateService", "result": {"id": 7, "changed": None}}

SUPPLIER: dict[str, Any] = {"code": "INV-01"}
SERVICES: dict[str, Any] = {"supplierEik": "000000000"}
SERVICE: dict[str, Any] = {"number": "2070"}
REGISTER_BODY = ("application/json", '{"invented":"not the form of any answer of the portal"}')
REGISTERED: dict[str, Any] = {"content": {"invented": "not the form of any answer of the portal"}}
