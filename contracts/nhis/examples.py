"""One example per NHIS event. The people are invented: nobody born in the 1800s is alive (EGN month + 20)."""

from __future__ import annotations

from typing import Any

_PATIENT: dict[str, Any] = {
    "identifierType": "egn",
    "identifier": "7223154154",
    "birthDate": "1872-03-15",
    "gender": "female",
    "name": {"given": "Радка", "middle": "Примерова", "family": "Измислена"},
    "address": {
        "country": "BG",
        "county": "SOF",
        "ekatte": "68134",
        "city": "София",
        "line": "ул. Примерна 1",
        "postalCode": "1000",
    },
    "nationality": "BG",
    "phone": "359000000000",
}

_PERFORMER: dict[str, Any] = {
    "uin": "0000000001",
    "role": "titular",
    "qualification": {"code": "1043", "nhifCode": "00"},
    "practiceNumber": "2201000001",
}

REGISTER: dict[str, Any] = {
    "patient": _PATIENT,
    "performer": _PERFORMER,
    "immunization": {
        "lrn": "0e0f8f0a-4b0c-4a53-9d6e-2f4a53c1b7d1",
        "occurrence": "2025-03-14",
        "basedOn": "25073A00Q1X2",
        "targetDiseases": ["Z24.6"],
        "vaccineCode": "2998",
        "nhifVaccineCode": "01",
        "primarySource": True,
        "seriesDoses": 3,
        "doseNumber": 1,
        "doseQuantity": {"value": 0.5, "unit": "mL"},
        "lotNumber": "AHBVC123",
        "expirationDate": "2026-12-31",
        "bodySite": "LA",
        "route": "IM",
        "nextDoseDate": "2025-04-14",
        "socialGroup": "1",
        "personStatus": "2",
    },
}

REGISTERED: dict[str, Any] = {
    "nrn": "25073B00Q1X3",
    "lrn": "0e0f8f0a-4b0c-4a53-9d6e-2f4a53c1b7d1",
    "status": "1",
}

SEARCH: dict[str, Any] = {
    "patient": {"identifierType": "egn", "identifier": "7223154154"},
    "fromDate": "2025-01-01",
    "toDate": "2025-03-14",
}

FOUND: dict[str, Any] = {
    "found": 1,
    "results": [
        {
            "immunization": {
                "nrn": "25073B00Q1X3",
                "status": "1",
                "lrn": "0e0f8f0a-4b0c-4a53-9d6e-2f4a53c1b7d1",
                "occurrence": "2025-03-14",
                "targetDiseases": ["Z24.6"],
                "vaccineCode": "2998",
                "primarySource": True,
                "doseNumber": 1,
            },
            "patient": _PATIENT,
            "performer": _PERFORMER,
        }
    ],
}

REACTION: dict[str, Any] = {
    "nrn": "25073B00Q1X3",
    "reaction": {
        "startDate": "2025-03-15",
        "endDate": "2025-03-16",
        "reported": True,
        "action": "2",
        "effect": "1",
        "outcome": "1",
        "dependency": "2",
        "relation": "2",
        "description": "Зачервяване и болка на мястото на убождане.",
    },
}

REACTION_REGISTERED: dict[str, Any] = {"nrn": "25073B00Q1X3"}

CANCEL: dict[str, Any] = {"nrn": "25073B00Q1X3", "reason": "Въведена е грешна партида."}

CANCELLED: dict[str, Any] = {"nrn": "25073B00Q1X3", "status": "2"}

CERTIFICATE: dict[str, Any] = {"nrn": "25073B00Q1X3"}

FETCHED: dict[str, Any] = {
    "content": "JVBERi0xLjQK",
    "mediaType": "application/pdf",
    "bytes": 9,
    "sha256": "e5c62df5dab5c87b6a015ef3d43597074d1eec433b15f51aec63b8582d0e4ab4",
    "certificateNumber": "01BG-EXAMPLE-0001",
}
