"""`GET /phs/prescription?identifier=`: a prescription as pharmacies read it, in the form of the documents."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sandbox.erx import namespaces as ns
from sandbox.erx import texts
from sandbox.erx.barcodes import whole
from sandbox.erx.errors import BusinessError, Rejected, missing_parameter
from sandbox.erx.namespaces import extended, identified
from sandbox.erx.parts import MEDICATION_REQUEST
from sandbox.erx.reading import at, parameter, text_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.erx.store import Store, Stored

_MANY = 2  # of a patient's given names: the first, and the father's


def read(store: Store, query: str, today: date) -> list[dict[str, Any]]:
    """Return the prescriptions with this barcode, or of this whole number. Raises Rejected where there is none."""
    identifier = parameter(query, "identifier")
    if identifier is None:
        raise Rejected([missing_parameter("identifier")])
    by_barcode: dict[str, list[Stored]] = {}
    for line in store.of(MEDICATION_REQUEST):
        barcode = identified(line.content, ns.BARCODE) or ""
        if identifier in (barcode, whole(barcode), *_barcodes(line)):
            by_barcode.setdefault(barcode, []).append(line)
    if not by_barcode:
        raise Rejected([BusinessError(texts.NO_PRESCRIPTION)], result=[])
    return [_prescription(barcode, lines, today) for barcode, lines in by_barcode.items()]


def _prescription(barcode: str, lines: Sequence[Stored], today: date) -> dict[str, Any]:
    first = lines[0].content
    part = text_at({"part": extended(first, ns.BOOKLET_PART, "valueString")}, "part")
    done = all(line.content.get("status") == "completed" for line in lines)
    return {
        "Patient": _patient(lines[0].patient, today),
        "PrescriptionBookletNo": identified(first, ns.BOOKLET),
        "PrescriptionType": text_at(first, "category", 0, "coding", 0, "code"),
        "PrescriptionRows": [_row(number, line.content) for number, line in enumerate(lines)],
        "State": "Finished" if done else "Active",
        "PrescriptionNo": barcode,
        "Barcode": barcode,
        "PrescriptionDate": first["authoredOn"],
        "Part": f"Part{part[0]}" if part else "PartNone",
    }


def _patient(patient: Mapping[str, Any], today: date) -> dict[str, Any]:
    given = at(patient, "name", 0, "given")
    given = [*given, None, None][:_MANY] if isinstance(given, list) else [None, None]
    born = datetime.fromisoformat(patient["birthDate"]).date()
    return {
        "FirstName": given[0],
        "MiddleName": given[1],
        "LastName": text_at(patient, "name", 0, "family"),
        "Age": today.year - born.year - ((today.month, today.day) < (born.month, born.day)),
        "Egn": identified(patient, ns.EGN),
        "Lnch": identified(patient, ns.LNCH),
        "BirthDate": born.isoformat(),
        "Sex": patient["gender"],
        "MaternityFlag": extended(patient, ns.MATERNITY_FLAG, "valueBoolean") is True,
        "PregnancyFlag": extended(patient, ns.PREGNANCY_FLAG, "valueBoolean") is True,
    }


def _row(number: int, line: Mapping[str, Any]) -> dict[str, Any]:
    medicine = at(line, "medicationCodeableConcept", "coding", 0)
    code, by_nhif = text_at(medicine, "code"), text_at(medicine, "system") == ns.NHIF_MEDICINES
    return {
        "Line": number,
        **({"NhifCode": code} if by_nhif else {}),
        "IcdCode": text_at(line, "reasonCode", 0, "coding", 0, "code"),
        "Description": text_at(medicine, "display"),
        "IsGeneric": at(line, "substitution", "allowedBoolean") is True,
        "PrescribedQuantity": at(line, "dispenseRequest", "quantity", "value"),
        "DispensionQuantity": None,
        "NumberOfDays": at(line, "dispenseRequest", "dispenseInterval", "value"),
        "Price": None,
        "MedicationCodeSystemUrl": text_at(medicine, "system"),
        "MedicationCode": code,
        "DosageInstruction": {"Text": text_at(line, "dosageInstruction", 0, "text")},
    }


def _barcodes(line: Stored) -> list[str]:
    identifiers = line.content["identifier"]
    return [one["value"] for one in identifiers if one.get("system") == ns.BARCODE]
