"""One example of the event and of its reply. The person is invented: the EGN encodes a birth in 1872."""

from __future__ import annotations

from typing import Any

REQUEST: dict[str, Any] = {
    "operation": "ValidPersonSearch",
    "argument": {"egn": "7223154154"},
    "context": {
        "serviceUri": "2025-000123",
        "serviceType": "За проверка по здравноосигурителен въпрос (измислен пример)",
        "lawReason": "Измислено правно основание, чл. 1",
        "employeeIdentifier": "d.izmislena@hospital.example",
        "employeeNames": "Дария Измислена",
        "employeePosition": "Медицински регистратор",
        "administrationName": "Измислена болница",
    },
}

BODY = ("text/xml; charset=utf-8", "<s:Envelope>…</s:Envelope>")

ANSWERED: dict[str, Any] = {
    "serviceCallId": "1024",
    "operation": "TechnoLogica.RegiX.GraoNBDAdapter.APIService.INBDAPI.ValidPersonSearch",
    "report": {
        "namespace": "http://egov.bg/RegiX/GRAO/NBD/ValidPersonResponse",
        "name": "ValidPersonResponse",
        "xml": (
            '<ValidPersonResponse xmlns="http://egov.bg/RegiX/GRAO/NBD/ValidPersonResponse">'
            "<FirstName>Радка</FirstName><SurName/><BirthDate>1872-03-15</BirthDate></ValidPersonResponse>"
        ),
    },
    "fields": [
        {"name": "FirstName", "state": "given", "value": "Радка"},
        {"name": "SurName", "state": "empty"},
        {"name": "BirthDate", "state": "given", "value": "1872-03-15"},
        {"name": "FamilyName", "state": "no-access"},
        {"name": "DeathDate", "state": "absent"},
    ],
    "accessMatrix": {
        "name": "ValidPersonResponseType",
        "hasAccess": True,
        "properties": [
            {"name": "FirstName", "hasAccess": True},
            {"name": "SurName", "hasAccess": True},
            {"name": "FamilyName", "hasAccess": False},
            {"name": "BirthDate", "hasAccess": True},
            {"name": "DeathDate", "hasAccess": True},
        ],
    },
    "signature": {
        "verdict": "not-checked",
        "detail": "the signature uses SHA-1, which the settings do not take",
        "algorithm": "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
    },
    "bytes": 3120,
    "sha256": "5b41a4f0d7f1b8f7b0f1f7c1f5f0a2f7c7d1a8b9c0d1e2f3a4b5c6d7e8f90a1b",
}
