"""One example per event of eDelivery. People and organisations are invented: nobody born in the 1800s is alive."""

from __future__ import annotations

from typing import Any

TEXT_FIELD = "179ea4dc-7879-43ad-8073-72b263915656"
FILES_FIELD = "e2135802-5e34-4c60-b36e-c86d910a571a"
"""The fields of the template "Letter" (confirmed by public clients)."""
_NUMBER = "7223154154"
_RNU = "5f0c2a52-8a44-4a54-9d2e-0a64f6d3a1b7"
_HASH = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

_FILES: list[dict[str, Any]] = [
    {
        "name": "епикриза.pdf",
        "mediaType": "application/pdf",
        "uploaded": {"id": "0b1f4c6e-6a1e-5d0c-9b66-3f0f0a6f8f11", "sha256": _HASH},
    },
    {"name": "бележка.txt", "mediaType": "text/plain", "content": "aGVsbG8="},
]

SEND: dict[str, Any] = {
    "recipients": [204153],
    "subject": "Епикриза, прием 000123",
    "templateId": 1,
    "fields": [
        {"id": TEXT_FIELD, "text": "Измислен пример"},
        {"id": FILES_FIELD, "files": _FILES},
    ],
}

SENT_BODY = ("application/json", "4711023")

SENT: dict[str, Any] = {"messageId": 4711023, "rnu": _RNU}

SEND_ON_BEHALF: dict[str, Any] = {
    "recipients": [204153],
    "subject": "Удостоверение 000123",
    "templateId": 1,
    "fields": [{"id": TEXT_FIELD, "text": "Измислен пример"}],
    "onBehalfOf": "branch-example",
}

SEARCH: dict[str, Any] = {"identifier": _NUMBER, "targetGroupId": 1}

_PROFILE: dict[str, Any] = {
    "profileId": 204153,
    "identifier": _NUMBER,
    "name": "Радка Примерова Измислена",
    "email": "radka@example.invalid",
    "phone": "359888000001",
}

FOUND: dict[str, Any] = {"found": True, "profile": _PROFILE}

FOUND_BODY = (
    "application/json",
    (
        '{"profileId":204153,"identifier":"7223154154","name":"Радка Примерова Измислена",'
        '"email":"radka@example.invalid","phone":"359888000001"}'
    ),
)

CHECK: dict[str, Any] = {"identifier": _NUMBER}

CHECKED: dict[str, Any] = {
    "total": 1,
    "profiles": [
        {
            **_PROFILE,
            "isActivated": True,
            "isPassive": True,
            "targetGroupId": 1,
            "targetGroupName": "Физически лица",
        }
    ],
}

READ_PROFILE: dict[str, Any] = {"profileId": 204153}

PROFILE_READ: dict[str, Any] = {
    "found": True,
    "profile": {**_PROFILE, "address": {"addressId": 7, "residence": "ул. Примерна 1", "city": "София"}},
}

REGISTER: dict[str, Any] = {
    "identifier": _NUMBER,
    "firstName": "Радка",
    "middleName": "Примерова",
    "lastName": "Измислена",
    "email": "radka@example.invalid",
    "phone": "359888000001",
    "address": {"residence": "ул. Примерна 1", "city": "София", "countryIso": "BG"},
}

REGISTERED: dict[str, Any] = {"profileId": 204153}

REGISTERED_BODY = ("application/json", "204153")

LIST_TEMPLATES: dict[str, Any] = {}

_TEMPLATE: dict[str, Any] = {
    "templateId": 1,
    "name": "Писмо",
    "identityNumber": "1",
    "read": 1,
    "write": 1,
    "responseTemplateId": 1,
}

TEMPLATES: dict[str, Any] = {"templates": [_TEMPLATE]}

READ_TEMPLATE: dict[str, Any] = {"templateId": 1}

TEMPLATE_READ: dict[str, Any] = {
    **_TEMPLATE,
    "fields": [
        {
            "id": TEXT_FIELD,
            "label": "Съдържание",
            "type": "textarea",
            "isEncrypted": True,
            "isRequired": True,
        },
        {
            "id": FILES_FIELD,
            "label": "Документи",
            "type": "file",
            "isEncrypted": False,
            "isRequired": False,
        },
    ],
}

OPEN: dict[str, Any] = {"messageId": 4711024}

OPENED: dict[str, Any] = {
    "messageId": 4711024,
    "dateSent": "2025-03-14T11:30:00.123",
    "dateReceived": "2025-03-14T12:00:00.456",
    "sender": {"profileId": 204153, "name": "Радка Примерова Измислена"},
    "subject": "Искане 000124",
    "rnu": _RNU,
    "templateId": 1,
    "fields": [
        {"id": TEXT_FIELD, "text": "Измислен пример"},
        {
            "id": FILES_FIELD,
            "files": [
                {
                    "blobId": 990001,
                    "name": "искане.xml",
                    "size": 5,
                    "isMalicious": False,
                    "hash": _HASH,
                    "hashAlgorithm": "Sha256",
                    "file": {
                        "id": "6d0e9b4e-6f3c-5b0a-8f0b-0f6a0d1b2c3d",
                        "sha256": _HASH,
                        "size": 5,
                        "mediaType": "application/xml",
                        "name": "искане.xml",
                        "expiresAt": "2025-06-12T12:00:00.000Z",
                    },
                    "verified": True,
                }
            ],
        },
    ],
}

VIEW: dict[str, Any] = {"messageId": 4711023}

_RECIPIENTS: list[dict[str, Any]] = [
    {
        "profileId": 204153,
        "name": "Радка Примерова Измислена",
        "status": "received",
        "dateReceived": "2025-03-15T10:00:00.123",
    },
    {"profileId": 204154, "name": "Община Пример", "status": "not-yet"},
]

VIEWED: dict[str, Any] = {
    "messageId": 4711023,
    "dateSent": "2025-03-14T11:30:00.123",
    "rnu": _RNU,
    "recipients": _RECIPIENTS,
    "subject": "Епикриза, прием 000123",
    "templateId": 1,
    "fields": [{"id": TEXT_FIELD, "text": "Измислен пример"}],
}

STATUS: dict[str, Any] = {"messageId": 4711023}

STATUS_READ: dict[str, Any] = {
    "messageId": 4711023,
    "dateSent": "2025-03-14T11:30:00.123",
    "rnu": _RNU,
    "recipients": _RECIPIENTS,
}

STATUS_BODY = (
    "application/json",
    (
        '{"messageId":4711023,"dateSent":"2025-03-14T11:30:00.123","recipients":['
        '{"profileId":204153,"name":"Радка Примерова Измислена","dateReceived":"2025-03-15T10:00:00.123"},'
        '{"profileId":204154,"name":"Община Пример","dateReceived":null}],"subject":"Епикриза, прием 000123",'
        f'"rnu":"{_RNU}","templateId":1,"fields":{{"{TEXT_FIELD}":"Измислен пример"}},"forwardedMessageId":null}}'
    ),
)

LIST: dict[str, Any] = {"sentFrom": "2025-03-14", "sentTo": "2025-03-14"}

_ARRIVED: dict[str, Any] = {
    "messageId": 4711024,
    "dateSent": "2025-03-14T11:30:00.123",
    "subject": "Искане 000124",
    "senderProfileName": "Радка Примерова Измислена",
    "senderLoginName": "Радка Примерова Измислена",
    "recipientProfileName": "МБАЛ Пример",
    "url": "https://edelivery.example.invalid/Messages/Open/4711024",
    "rnu": _RNU,
    "templateId": 1,
}

INBOX: dict[str, Any] = {"total": 1, "messages": [_ARRIVED]}

OUTBOX: dict[str, Any] = {
    "total": 1,
    "messages": [
        {
            "messageId": 4711023,
            "dateSent": "2025-03-14T11:30:00.123",
            "subject": "Епикриза, прием 000123",
            "senderProfileName": "МБАЛ Пример",
            "senderLoginName": "МБАЛ Пример",
            "recipients": "Радка Примерова Измислена, Община Пример",
            "url": "https://edelivery.example.invalid/Messages/View/4711023",
            "rnu": _RNU,
            "templateId": 1,
        }
    ],
}

ARRIVED: dict[str, Any] = {**_ARRIVED, "watch": "registry", "signer": "desk-example"}
