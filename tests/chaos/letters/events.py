"""What a hospital asks of eDelivery and of eForms, as events. People and organisations are invented."""

from __future__ import annotations

import base64
import hashlib
import json
from copy import deepcopy
from typing import Any

from contracts.edelivery.examples import FILES_FIELD, TEXT_FIELD
from contracts.eforms.examples import RESPONSE
from tests.chaos.letters.plan import Kind
from tests.support.worker.hospital import SOURCE, Event

SIGNER = "letters-desk"
CITIZEN = 201
"""The profile in the sandbox that gets what is sent."""
UPLOAD_ID = "0f6a1c52-3b1d-4a77-8f0e-5d0c2b7a9e41"
UPLOAD = bytes(range(256)) * 1200
"""A file of 300 KB that was uploaded before the run; every letter has it."""
UPLOAD_SHA256 = hashlib.sha256(UPLOAD).hexdigest()
_TYPES = {
    Kind.LETTER: "edelivery.message.send.v1",
    Kind.OPENING: "edelivery.message.open.v1",
    Kind.REQUEST: "edelivery.message.open.v1",
    Kind.RESPONSE: "eforms.response.send.v1",
}


def system_of(kind: Kind) -> str:
    """Return the system that is asked."""
    return "eforms" if kind is Kind.RESPONSE else "edelivery"


def event(name: str, kind: Kind, *, message: int = 0) -> Event:
    """Return the event. The ledger names a letter by its subject, a response by its reference number."""
    data = _letter(name) if kind is Kind.LETTER else _response() if kind is Kind.RESPONSE else None
    document = {
        "specversion": "1.0",
        "id": name,
        "source": SOURCE,
        "type": _TYPES[kind],
        "signer": SIGNER,
        "data": data or {"messageId": message},
    }
    if kind is Kind.RESPONSE:
        document["rnu"] = name
    return Event(name, name.encode(), json.dumps(document, ensure_ascii=False).encode())


def subject_of(name: str) -> str:
    """Return the subject of a letter, which no other one has."""
    return f"Измислено писмо {name}"


def subject_digest(name: str) -> str:
    """Return how the sandbox's ledger shows that subject."""
    return hashlib.sha256(subject_of(name).encode()).hexdigest()


def note_of(name: str) -> bytes:
    """Return the small file of a letter."""
    return f"Измислена бележка {name}".encode()


def digests_of(name: str) -> frozenset[str]:
    """Return the SHA-256 of each file of a letter."""
    return frozenset({hashlib.sha256(note_of(name)).hexdigest(), UPLOAD_SHA256})


def _letter(name: str) -> dict[str, Any]:
    files = [
        {"name": "бележка.txt", "mediaType": "text/plain", "content": _base64(note_of(name))},
        {"name": "снимка.bin", "uploaded": {"id": UPLOAD_ID, "sha256": UPLOAD_SHA256}},
    ]
    fields = [{"id": TEXT_FIELD, "text": "Измислен текст"}, {"id": FILES_FIELD, "files": files}]
    return {"recipients": [CITIZEN], "subject": subject_of(name), "templateId": 1, "fields": fields}


def _response() -> dict[str, Any]:
    data = deepcopy(RESPONSE)
    data["documents"][0]["uploaded"] = {"id": UPLOAD_ID, "sha256": UPLOAD_SHA256}
    return data


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
