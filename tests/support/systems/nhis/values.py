"""Values for one message of each NHIS type, as the builder takes them.

The people are invented: an EGN with month + 20 belongs to a birth in the 1800s, so to nobody alive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

NRN = "26001A2B3C4D"
LRN = "5e0c2b9a-6f5b-5d0e-9a53-0b6f3a0f7d11"
UVCI = "BG/2026/A1-B2#7"

SUBJECT: Mapping[str, Any] = {
    "identifierType": "1",
    "identifier": "8621011000",
    "birthDate": "1886-01-01",
    "gender": "1",
    "name": {"given": "Измислен", "family": "Пациентов"},
    "address": {"country": "BG", "county": "SOF", "ekatte": "68134", "city": "София"},
}
PERFORMER: Mapping[str, Any] = {
    "pmi": "2300000001",
    "qualification": {"@value": "1043", "@nhifCode": "00"},
    "practiceNumber": "2201000001",
    "role": "1",
}
IMMUNIZATION: Mapping[str, Any] = {
    "lrn": LRN,
    "occurrence": "2026-01-02",
    "targetDisease": ["Z24.6", "Z24.0"],
    "vaccineCode": "2998",
    "primarySource": "true",
    "doseNumber": "1",
    "lotNumber": "AB-12",
}
IMMUNIZATION_OPTIONS: Mapping[str, Any] = {
    "basedOn": NRN,
    "targetDisease": "U07.1",
    "nhifVaccineCode": "07",
    "series": "основна",
    "seriesDoses": "3",
    "doseQuantityValue": "0.5",
    "doseQuantityCode": "mL",
    "lotNumber": "L1",
    "serialNumber": "S1",
    "expirationDate": "2027-01-01",
    "site": "LA",
    "route": "IM",
    "nextDoseDate": "2026-02-02",
    "booster": "false",
    "isSpecialCase": "true",
    "nrnPrevImmunization": NRN,
    "extPrevImmunization": "true",
    "extImmunizationDetails": {
        "occurrence": "2025-01-02",
        "vaccineName": "Ваксина",
        "vaccineAtc": "J07BC01",
        "lotNumber": "X9",
        "country": "DE",
        "authority": "Praxis",
    },
    "socialGroup": "4",
    "personStatus": "2",
    "note": "без забележки",
}
ERROR = {
    "type": "E002",
    "reason": "Невалидна стойност",
    "description": ["a", "b"],
    "faultyAttribute": "lotNumber",
}

CONTENTS: Mapping[str, Mapping[str, Any]] = {
    "I001": {"immunization": IMMUNIZATION, "subject": SUBJECT, "performer": PERFORMER},
    "I002": {"nrnImmunization": NRN, "lrn": LRN, "status": "1", "uvci": UVCI},
    "I003": {"identifierType": "1", "identifier": "8621011000", "fromDate": "2026-01-02"},
    "I004": {
        "foundNumber": "1",
        "results": [
            {
                "immunization": {"nrnImmunization": NRN, "status": "1", **IMMUNIZATION},
                "subject": SUBJECT,
                "performer": PERFORMER,
            }
        ],
    },
    "I005": {
        "nrnImmunization": NRN,
        "reaction": {
            "reactionStartDate": "2026-01-03",
            "reported": "true",
            "action": "1",
            "description": "обрив",
        },
    },
    "I006": {"nrnImmunization": NRN},
    "I007": {"nrnImmunization": NRN, "cancelReason": "грешно въведена"},
    "I008": {"nrnImmunization": NRN, "status": "2"},
    "I011": {"nrnImmunization": NRN, "cancelReason": "грешно въведена"},
    "I012": {"nrnImmunization": NRN, "status": "2"},
    "I013": {"uvci": UVCI},
    "I014": {"certificate": "JVBERi0xLjQK", "uvci": UVCI},
    "I099": {"error": [ERROR, {"type": "E001"}]},
    "C001": {"nomenclatureId": ["CL037", "CL038"], "updateDate": "2026-01-01"},
    "C002": {
        "nomenclature": {
            "nomenclatureId": "CL037",
            "entry": {"key": "-1000", "description": "", "meta": [{"name": "inn", "value": ""}]},
        }
    },
    "C003": {"vaccineCode": ["2998", "17"]},
    "C004": {"vaccineLot": {"vaccineCode": "2998", "lotNumber": "AB-12", "expirationDate": "2027-01-01"}},
    "S001": {
        "accessToken": "t",
        "tokenType": "bearer",
        "expiresIn": "7200",
        "issuedOn": "2026-01-02T08:00:00.1234567Z",
        "expiresOn": "2026-01-02T10:00:00.1234567Z",
    },
}


def header(type_: str) -> dict[str, str]:
    """Return the header of a request of this type."""
    return {
        "sender": "1",
        "senderId": "2300000001",
        "senderISName": "Herald",
        "recipient": "4",
        "recipientId": "NHIS",
        "messageId": "0d8a8d2e-4a55-4b0b-8d6c-7a0f4a4b8a01",
        "messageType": type_,
        "createdOn": "2026-01-02T10:00:00+02:00",
    }


def message(type_: str, **contents: Any) -> dict[str, Any]:
    """Return the values of a message of this type; `contents` replaces its contents where given."""
    return {"header": header(type_), "contents": contents or CONTENTS[type_]}
