"""The example of the search. The person is invented: nobody born in the 1800s is alive (seventh digit 2)."""

from __future__ import annotations

from typing import Any

SEARCH: dict[str, Any] = {"iin": "720315200006"}

BODY = ("text/xml; charset=utf-8", "<soap:Envelope>…</soap:Envelope>")

_SHA256 = "618ccbc4da2824767cc8ff0c51ebb3291a7578bad0efad1e1cee3724f2dad8cc"

FOUND: dict[str, Any] = {
    "found": 1,
    "exemptions": [
        {
            "number": "00001",
            "medicalProcedure": {"code": "100", "nameRu": "Пример прививки", "nameKk": "Екпе үлгісі"},
            "status": "UP_TO_DATE",
            "meaning": "up-to-date",
            "temporaryContraindicationEndDate": "2025-09-30T00:00:00+05:00",
            "certificate": {"sha256": _SHA256, "bytes": 26, "mediaType": "application/pdf"},
        }
    ],
    "contents": {_SHA256: "JVBERi0xLjQKJSBpbnZlbnRlZAolJUVPRgo="},
    "statusCode": "SUCCESS",
    "gatewayStatusCode": "SUCCESS",
    "notices": {
        "service": "The request has been processed",
        "gateway": "The request has been processed",
    },
    "receiverMessageId": "5a0f7a52-6d6e-4f7e-9a52-0d5c1c1d8a11",
}
