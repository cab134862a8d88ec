"""One example per eRx event. The people are invented: nobody born in the 1800s is alive (EGN month + 20)."""

from __future__ import annotations

from typing import Any

REGISTER: dict[str, Any] = {
    "username": "dr-example",
    "credentials": "dr-example",
    "firstName": "Никой",
    "lastName": "Измислен",
    "email": "dr-example@hospital.example",
    "organization": {"name": "ДКЦ Пример", "number": "2201000001"},
}

_USER: dict[str, Any] = {
    "id": "88",
    "username": "dr-example",
    "firstName": "Никой",
    "lastName": "Измислен",
    "email": "dr-example@hospital.example",
    "emailVerified": False,
    "enabled": True,
    "acknowledged": False,
    "provider": "local",
    "authorities": ["ROLE_MEDIC"],
    "authorityDetails": [{"id": "89", "authority": "ROLE_MEDIC", "client": "1"}],
    "properties": [{"id": "90", "key": "roleId", "value": "PractitionerRole/18/_history/1"}],
    "roleId": "PractitionerRole/18/_history/1",
}

REGISTERED: dict[str, Any] = dict(_USER)

WHO_AM_I: dict[str, Any] = {}

I_AM: dict[str, Any] = dict(_USER)

ISSUE: dict[str, Any] = {
    "category": "A",
    "authoredOn": "2025-03-14T09:30:00Z",
    "lines": [
        {
            "internalId": "1000007543",
            "bookletPart": "A0",
            "medication": {"code": "RF034", "display": "ZYRTEC FILM COATED TABLETS 10MG 10"},
            "diagnosis": "J30.1",
            "dosage": {
                "text": "сутрин на гладно",
                "dose": {"value": 3, "unit": "units"},
                "rate": {"value": 2, "unit": "daily"},
            },
            "dispense": {
                "quantity": {"value": 2, "unit": "pack"},
                "interval": {"value": 7, "unit": "days"},
                "supplyDuration": {"value": 11, "unit": "days"},
            },
            "substitutionAllowed": False,
        },
        {
            "internalId": "1000007544",
            "bookletPart": "A1",
            "medication": {"code": "SF083", "display": "FLAREX EYE DROPS 0.1% 5ML 1"},
            "diagnosis": "H16.0",
            "dosage": {
                "text": "вечер преди лягане",
                "dose": {"value": 2, "unit": "units"},
                "rate": {"value": 1, "unit": "daily"},
            },
            "dispense": {
                "quantity": {"value": 1, "unit": "pack"},
                "interval": {"value": 10, "unit": "days"},
                "supplyDuration": {"value": 5, "unit": "days"},
            },
            "substitutionAllowed": True,
        },
    ],
    "prescriber": {
        "uin": "0000000001",
        "name": {"prefix": "д-р", "given": "Никой", "middle": "Примеров", "family": "Измислен"},
        "phone": "000000000",
        "email": "dr-example@hospital.example",
        "gender": "male",
        "specialty": {"code": "00", "display": "Общопрактикуващ лекар"},
    },
    "patient": {
        "identifierType": "egn",
        "identifier": "7223154154",
        "birthDate": "1872-03-15",
        "gender": "female",
        "name": {"given": "Радка", "middle": "Примерова", "family": "Измислена"},
        "maternity": False,
        "pregnancy": False,
    },
    "encounter": {"id": "016024", "start": "2025-03-14T09:20:00Z", "end": "2025-03-14T09:30:00Z"},
}

ISSUED: dict[str, Any] = {
    "lines": [
        {
            "internalId": "1000007543",
            "location": "MedicationRequest/68",
            "version": "1",
            "status": "created",
            "mrId": "ERX1741944600N00088A-0",
        },
        {
            "internalId": "1000007544",
            "location": "MedicationRequest/69",
            "version": "1",
            "status": "created",
            "mrId": "ERX1741944600N00088A-1",
        },
    ],
    "barcodes": ["ERX1741944600N00088A"],
    "barcodeUrl": "https://erx2.e-health.bg/print/barcode/code128?code=ERX1741944600N00088A&scale=3",
    "locations": [
        {"resource": name, "location": f"{name}/{number}", "version": "1", "status": "created"}
        for name, number in (
            ("MedicationRequest", 68),
            ("MedicationRequest", 69),
            ("Practitioner", 3),
            ("PractitionerRole", 70),
            ("Encounter", 71),
            ("Patient", 9),
        )
    ],
    "transactionId": "5a0f7a52-6d6e-4f7e-9a52-0d5c1c1d8a11",
    "prescriptionId": "174194460000088",
    "offlineBarcodes": ["ERXI-20250314-88-1000007543", "ERXI-20250314-88-1000007544"],
}

GENERATE: dict[str, Any] = {"kind": "date", "code": "123123"}

GENERATED: dict[str, Any] = {"barcode": "ERXI-20250314-88-123123"}

RESERVE: dict[str, Any] = {"internalId": "1000007543"}

RESERVED: dict[str, Any] = {
    "barcodes": ["ERXI-20250314-88-1000007543"],
    "userId": "88",
    "day": "2025-03-14",
}

DRAW: dict[str, Any] = {"code": "ERX1741944600N00088A", "scale": 3}

DRAWN: dict[str, Any] = {
    "content": "iVBORw0KGgo=",
    "mediaType": "image/png",
    "bytes": 8,
    "sha256": "4c4b6a3be1314ab86138bef4314dde022e600960d8689a2c8f8631802d20dab6",
}

_PATIENT: dict[str, Any] = {"identifierType": "egn", "identifier": "7223154154"}

SEARCH: dict[str, Any] = {"patient": _PATIENT, "activeOnly": True}

FOUND: dict[str, Any] = {
    "found": 1,
    "total": 1,
    "results": [
        {
            "resourceType": "MedicationRequest",
            "id": "68",
            "identifier": [{"system": "http://erx.e-health.bg/ns/internal", "value": "1000007543"}],
            "status": "active",
            "medicationCodeableConcept": {
                "coding": [
                    {
                        "system": "http://terminology.e-health.bg/CodeSystem/mc-nhif",
                        "code": "RF034",
                        "display": "ZYRTEC FILM COATED TABLETS 10MG 10",
                    }
                ]
            },
        }
    ],
}

SEARCH_DISPENSED: dict[str, Any] = {"barcode": "ERX1741944600N00088A"}

FOUND_NOTHING: dict[str, Any] = {"found": 0, "total": 0, "results": []}

READ: dict[str, Any] = {"barcode": "ERX1741944600N00088A"}

SHOWN: dict[str, Any] = {
    "prescriptions": [
        {
            "PrescriptionNo": "ERX1741944600N00088A",
            "PrescriptionType": "A",
            "PrescriptionRows": [{"Line": 0, "NhifCode": "RF034", "PrescribedQuantity": 2}],
        }
    ]
}
