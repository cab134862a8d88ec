"""Answers in the form of the interface's page. People, organisations and numbers are invented."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from contracts.edelivery.examples import FILES_FIELD, TEXT_FIELD
from worker.transport.port import Answer

JSON = {"content-type": "application/json; charset=utf-8"}
CONTENT = "<Искане/>".encode()
LINK = "https://blobs.test/message?t=secret"


def answer(document: Any, status: int = 200) -> Answer:
    """Return an answer with a JSON body."""
    return Answer(status, JSON, json.dumps(document, ensure_ascii=False).encode())


def problem(status: int, **members: Any) -> Answer:
    """Return an error in the form of the back-end's framework (RFC 7807)."""
    document = {
        "type": "https://tools.ietf.org/html/rfc7231",
        "title": "Problem",
        "status": status,
        **members,
    }
    return Answer(
        status,
        {"content-type": "application/problem+json"},
        json.dumps(document, ensure_ascii=False).encode(),
    )


def template(*fields: dict[str, Any], template_id: int = 1) -> dict[str, Any]:
    """Return a template; by default "Letter" with its two fields."""
    return {
        "templateId": template_id,
        "name": "Писмо",
        "identityNumber": "1",
        "read": 1,
        "write": 1,
        "content": list(fields or (field(TEXT_FIELD, "textarea", required=True), field(FILES_FIELD, "file"))),
        "responseTemplateId": None,
    }


def field(field_id: str, kind: str, *, required: bool = False) -> dict[str, Any]:
    """Return one field of a template."""
    return {
        "id": field_id,
        "label": "Поле",
        "type": kind,
        "isEncrypted": False,
        "isRequired": required,
        "discriminator": kind,
    }


def uploaded(
    blob_id: int | None = 990001, content: bytes = b"hello", scan: Any = 2, **members: Any
) -> dict[str, Any]:
    """Return the answer to an upload."""
    return {
        "name": "file",
        "size": len(content),
        "hashAlgorithm": "Sha256",
        "hash": hashlib.sha256(content).hexdigest().upper(),
        "blobId": blob_id,
        "malwareScanStatus": scan,
        "blobSignatureStatus": 0,
        "errorStatus": 0,
        **members,
    }


def blob(
    blob_id: int = 990001, content: bytes = CONTENT, name: str = "искане.xml", **members: Any
) -> dict[str, Any]:
    """Return a file of a message that was opened."""
    return {
        "blobId": blob_id,
        "fileName": name,
        "size": len(content),
        "documentRegistrationNumber": None,
        "isMalicious": False,
        "hash": hashlib.sha256(content).hexdigest().upper(),
        "hashAlgorithm": "Sha256",
        "downloadLink": LINK,
        "downloadLinkExpirationDate": "2026-03-01T15:00:00",
        "signatures": [],
        **members,
    }


def opened(*blobs: dict[str, Any], message_id: int = 4711024, **members: Any) -> dict[str, Any]:
    """Return a message that was opened."""
    return {
        "messageId": message_id,
        "dateSent": "2026-03-01T11:30:00.123",
        "sender": {"profileId": 204153, "name": "Радка Примерова Измислена"},
        "dateReceived": "2026-03-01T12:00:00.456",
        "recipientLogin": {"loginId": 5, "name": "МБАЛ Пример"},
        "subject": "Искане 000124",
        "rnu": "rnu-1",
        "templateId": 1,
        "fields": {TEXT_FIELD: "Измислен пример", FILES_FIELD: list(blobs)},
        "forwardedMessageId": None,
        **members,
    }


def sent(
    message_id: int = 4711023,
    rnu: str | None = "rnu-1",
    recipients: tuple[int, ...] = (204153,),
    **members: Any,
) -> dict[str, Any]:
    """Return a message that was sent, as it is viewed."""
    return {
        "messageId": message_id,
        "dateSent": "2026-03-01T11:30:00.123",
        "recipients": [{"profileId": one, "name": "Получател", "dateReceived": None} for one in recipients],
        "subject": "Епикриза, прием 000123",
        "rnu": rnu,
        "templateId": 1,
        "fields": {TEXT_FIELD: "Измислен пример"},
        "forwardedMessageId": None,
        **members,
    }


def listed(message_id: int = 4711023, rnu: str | None = "rnu-1", **members: Any) -> dict[str, Any]:
    """Return a message as the outbox lists it."""
    return {
        "messageId": message_id,
        "dateSent": "2026-03-01T11:30:00.123",
        "subject": "Епикриза, прием 000123",
        "senderProfileName": "МБАЛ Пример",
        "senderLoginName": "МБАЛ Пример",
        "recipients": "Получател",
        "url": f"https://portal.test/Messages/View/{message_id}",
        "rnu": rnu,
        "templateId": 1,
        **members,
    }


def arrived(message_id: int, **members: Any) -> dict[str, Any]:
    """Return a message as the inbox lists it."""
    return {
        "messageId": message_id,
        "dateSent": "2026-03-01T11:30:00.123",
        "dateReceived": None,
        "subject": "Искане",
        "senderProfileName": "Радка Примерова Измислена",
        "senderLoginName": "Радка Примерова Измислена",
        "recipientProfileName": "МБАЛ Пример",
        "recipientLoginName": "",
        "url": f"https://portal.test/Messages/Open/{message_id}",
        "rnu": "rnu-1",
        "templateId": 1,
        **members,
    }


def page(*entries: dict[str, Any], total: int | None = None) -> dict[str, Any]:
    """Return a page of a list."""
    return {"result": list(entries), "length": len(entries) if total is None else total}
