"""One example per event of eForms. The people and the hospital are invented: nobody born in the 1800s is alive."""

from __future__ import annotations

from typing import Any

_REQUEST_URI: dict[str, Any] = {
    "identifier": "3f0c2a5e-6b1d-4c57-9a41-0d2b8f6e7a10",
    "identifierType": {"code": "1006-100001", "name": "Идентификатор на заявление за услуга"},
}
_SERVICE: dict[str, Any] = {
    "identifier": {
        "identifier": "0000",
        "identifierType": {"code": "1006-100008", "name": "Идентификатор на публична услуга"},
    },
    "name": "Издаване на измислено удостоверение",
}
_PROVIDER: dict[str, Any] = {
    "legalIdentifier": {
        "identifier": "000000000",
        "identifierType": {"code": "1006-100003", "name": "БУЛСТАТ"},
    },
    "identifiers": [
        {
            "identifier": "000000000",
            "identifierType": {"code": "1006-100007", "name": "Идентификатор на публична организация"},
        }
    ],
    "preferredLabel": "Измислена болница",
    "organizationType": {"code": "000", "name": "Измислен вид"},
}
_SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_REQUESTED = "2026-03-01T09:30:00+02:00"

RESPONSE: dict[str, Any] = {
    "requestUri": _REQUEST_URI,
    "requestDateTime": _REQUESTED,
    "publicService": _SERVICE,
    "serviceProvider": _PROVIDER,
    "documents": [
        {
            "identifier": "udostoverenie.pdf",
            "description": "Измислено удостоверение",
            "uploaded": {"id": "6f1f0b6e-2f0e-4f57-8a4c-1d0b1f5c9a77", "sha256": _SHA256},
        },
        {"identifier": "belezhka.txt", "content": "0JjQt9C80LjRgdC70LXQvdC+"},
    ],
    "responseDateTime": "2026-03-01T12:00:00Z",
}
RESPONSE_BODY = ("application/json", "48211")
SENT: dict[str, Any] = {"messageId": 48211, "rnu": "3f0c2a5e-6b1d-4c57-9a41-0d2b8f6e7a10"}

CASE_MESSAGE: dict[str, Any] = {
    "businessKey": "3f0c2a5e-6b1d-4c57-9a41-0d2b8f6e7a10",
    "messageName": "izmisleno-saobshtenie",
    "processVariables": {"resheniePrieto": True},
}
CASE_MESSAGE_BODY = ("application/json", '{"message":"Success !","status":"OK"}')
CASE_MESSAGE_TAKEN: dict[str, Any] = {"stated": "Success !"}

_XML_FILE: dict[str, Any] = {
    "id": "2b1c3d4e-5f60-4a7b-8c9d-0e1f2a3b4c5d",
    "sha256": _SHA256,
    "size": 9120,
    "mediaType": "application/xml",
    "name": "ServiceRequest.xml",
    "expiresAt": "2026-04-01T00:00:00Z",
}
_PDF_FILE: dict[str, Any] = {
    "id": "7c8d9e0f-1a2b-4c3d-8e4f-5a6b7c8d9e0f",
    "sha256": _SHA256,
    "size": 181204,
    "mediaType": "application/pdf",
    "name": "epikriza.pdf",
    "expiresAt": "2026-04-01T00:00:00Z",
}
_PERSON: dict[str, Any] = {
    "identifier": {"identifier": "7223154154", "identifierType": {"code": "EGN", "name": "ЕГН"}},
    "fullName": "Радка Примерова Измислена",
    "firstName": "Радка",
    "middleName": "Примерова",
    "familyName": "Измислена",
}

RECEIVED: dict[str, Any] = {
    "messageId": 48207,
    "templateId": 1,
    "subject": "Измислено заявление",
    "sender": "Измислен подател",
    "recognisedBy": "root-element",
    "request": {
        "requestUri": _REQUEST_URI,
        "requestDateTime": _REQUESTED,
        "publicService": _SERVICE,
        "serviceProvider": _PROVIDER,
        "requestType": {"code": "0006-000121", "name": "Първоначално заявление"},
        "processTime": {"processTimeType": {"code": "0006-000083", "name": "Нормална услуга"}},
        "tax": {"amount": "0", "validFrom": "2026-01-01", "validTo": "2026-12-31"},
        "communicationChannels": [
            {
                "contactType": {"code": "1006-030006", "name": "Електронна поща"},
                "contact": "radka@example.com",
            }
        ],
        "applicant": {"person": _PERSON},
        "requestAuthor": {
            "person": _PERSON,
            "authorType": {"code": "1006-020001", "name": "Титуляр"},
        },
        "attachedDocuments": [{"identifier": "epikriza.pdf", "file": _PDF_FILE}],
        "dataProcessingAgreement": True,
        "specificContent": "<specificContent><note>измислено</note></specificContent>",
    },
    "requestFile": _XML_FILE,
    "files": [_XML_FILE, _PDF_FILE],
    "problems": [
        {
            "path": "/ServiceRequest/tax/validTo",
            "rule": "the name of the element is written with letters of another script",
        }
    ],
}
