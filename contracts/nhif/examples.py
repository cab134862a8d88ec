"""One example per NHIF event. The content of documents and answers is invented, and states this."""

from __future__ import annotations

from typing import Any

READ: dict[str, Any] = {
    "module": "example",
    "version": "v1",
    "service": "LIST01",
    "parameters": {"fromDate": "2025-03-01", "practiceNumber": "2201000001"},
}

READ_BODY = ("application/json", '{"invented":["not the form of any NHIF answer"]}')

READ_ANSWERED: dict[str, Any] = {
    "status": 200,
    "mediaType": "application/json",
    "content": {"json": {"invented": ["not the form of any NHIF answer"]}},
    "bytes": 48,
    "sha256": "db2451184a847122d98779df01345249a764f9ae29bed35dbc52f33634f1374a",
}

SUBMIT: dict[str, Any] = {
    "module": "pspsmi",
    "version": "v1.2",
    "service": "PBR001",
    "json": {"operatorsOwn": "invented: the specification does not publish what PBR001 takes"},
}

SUBMITTED_BODY = ("text/plain", "invented: the form of this answer is not public")

SUBMITTED: dict[str, Any] = {
    "status": 200,
    "mediaType": "text/plain",
    "content": {"text": "invented: the form of this answer is not public"},
    "bytes": 47,
    "sha256": "1451037c9184174aba4c493d2db4606ee50b0eebd628e44225cf7b7f5fd852b7",
}
