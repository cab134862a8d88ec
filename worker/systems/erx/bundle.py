"""The lite Bundle of a prescription, member by member as the document's example has it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts.erx.people import ErxIdentifierType
from contracts.erx.prescription import MedicationList
from contracts.fields import utc_text

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from contracts.erx.people import ErxPatient, ErxPersonName, Prescriber
    from contracts.erx.prescription import (
        Amount,
        Dispense,
        Dosage,
        Encounter,
        IssuePrescription,
        PrescriptionLine,
    )
    from worker.systems.erx.settings import ErxSettings

NAMESPACE = "http://erx.e-health.bg/ns/"
_TERMINOLOGY = "http://terminology.e-health.bg"
BOOKLET_PART = f"{_TERMINOLOGY}/Extension/bgnhif-booklet-part"
# The document writes it so, with `.bg.com`.
_PATIENT_FLAG = "http://terminology.e-health.bg.com/Extension/patient-{}-flag"
_LISTS = {
    MedicationList.NHIF: f"{_TERMINOLOGY}/CodeSystem/mc-nhif",
    MedicationList.SATHEALTH: "http://sathealth.com/cs/pt_code",
}
NNBGR = f"{NAMESPACE}nnbgr"


def bundle_of(data: IssuePrescription, settings: ErxSettings) -> dict[str, Any]:
    """Return the Bundle: the lines, the prescriber and the prescriber's role, the patient, the examination."""
    resources = [
        *(medication_request(data, line, settings) for line in data.lines),
        _practitioner(data.prescriber),
        _practitioner_role(data.prescriber),
        _patient(data.patient, settings),
        _encounter(data.encounter),
    ]
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"resource": resource} for resource in resources],
    }


def medication_request(
    data: IssuePrescription, line: PrescriptionLine, settings: ErxSettings
) -> dict[str, Any]:
    """Return one line."""
    medication = line.medication
    coding = {
        "system": _LISTS[medication.list],
        "code": medication.code,
        "display": medication.display,
    }
    return _present(
        resourceType="MedicationRequest",
        extension=_booklet_part(line.booklet_part),
        identifier=_line_identifiers(data, line, settings) or None,
        category=None if settings.category_in_query else _category(settings.category_code(data.category)),
        medicationCodeableConcept={"coding": [coding]},
        authoredOn=utc_text(data.authored_on),
        reasonCode=_diagnosis(line.diagnosis),
        dosageInstruction=[_dosage(line.dosage)],
        dispenseRequest=_dispense(line.dispense),
        substitution=None
        if line.substitution_allowed is None
        else {"allowedBoolean": line.substitution_allowed},
    )


def _booklet_part(part: str | None) -> list[dict[str, Any]] | None:
    return None if part is None else [{"url": BOOKLET_PART, "valueString": part}]


def _line_identifiers(
    data: IssuePrescription, line: PrescriptionLine, settings: ErxSettings
) -> list[dict[str, Any]]:
    """Return the line's identifiers; no internal id with a seed, which the register uses for every line."""
    found = [] if settings.sends_seed else [_identifier("internal", line.internal_id)]
    number = data.booklet_number
    return found if number is None else [*found, _identifier("booklet-id", number)]


def _category(code: str) -> list[dict[str, Any]]:
    system = f"{_TERMINOLOGY}/CodeSystem/medication-request-category-bg"
    return [{"coding": [{"system": system, "code": code}]}]


def _diagnosis(code: str | None) -> list[dict[str, Any]] | None:
    coding = {"system": "http://hl7.org/fhir/sid/icd-10", "code": code}
    return None if code is None else [{"coding": [coding]}]


def _dosage(dosage: Dosage) -> dict[str, Any]:
    rate = _present(doseQuantity=_amount(dosage.dose), rateQuantity=_amount(dosage.rate))
    return _present(text=dosage.text, doseAndRate=[rate] if rate else None)


def _dispense(dispense: Dispense) -> dict[str, Any]:
    return _present(
        dispenseInterval=_amount(dispense.interval),
        quantity=_amount(dispense.quantity),
        expectedSupplyDuration=_amount(dispense.supply_duration),
    )


def _practitioner(prescriber: Prescriber) -> dict[str, Any]:
    telecom = []
    if prescriber.phone is not None:
        telecom.append({"system": "phone", "value": prescriber.phone, "use": "mobile"})
    if prescriber.email is not None:
        telecom.append({"system": "email", "value": prescriber.email, "use": "work"})
    return _present(
        resourceType="Practitioner",
        identifier=[_identifier("uin", prescriber.uin)],
        name=[{"use": "official", **_name(prescriber.name)}],
        telecom=telecom or None,
        gender=prescriber.gender.value,
    )


def _practitioner_role(prescriber: Prescriber) -> dict[str, Any]:
    coding = _present(
        system=f"{_TERMINOLOGY}/CodeSystem/doctor-speciality-nhif",
        code=prescriber.specialty.code,
        display=prescriber.specialty.display,
    )
    return {"resourceType": "PractitionerRole", "specialty": [{"coding": [coding]}]}


def _patient(patient: ErxPatient, settings: ErxSettings) -> dict[str, Any]:
    flags = (("maternity", patient.maternity), ("pregnancy", patient.pregnancy))
    return _present(
        resourceType="Patient",
        extension=[{"url": _PATIENT_FLAG.format(name), "valueBoolean": flag} for name, flag in flags],
        identifier=[
            {"system": patient_system(patient.identifier_type, settings), "value": patient.identifier}
        ],
        birthDate=_midnight(patient.birth_date),
        gender=patient.gender.value,
        name=[_name(patient.name)],
        address=None if patient.address is None else [{"text": patient.address}],
    )


def patient_system(kind: ErxIdentifierType, settings: ErxSettings) -> str:
    """Return in which system a patient's number is."""
    return NNBGR if kind is ErxIdentifierType.EGN else settings.lnch_system


def _encounter(encounter: Encounter) -> dict[str, Any]:
    return {
        "resourceType": "Encounter",
        "identifier": [_identifier("enc-id", encounter.id)],
        "period": {"start": utc_text(encounter.start), "end": utc_text(encounter.end)},
    }


def _name(name: ErxPersonName) -> dict[str, Any]:
    given = [name.given] if name.middle is None else [name.given, name.middle]
    return _present(family=name.family, given=given, prefix=None if name.prefix is None else [name.prefix])


def _identifier(kind: str, value: str) -> dict[str, str]:
    return {"system": NAMESPACE + kind, "value": value}


def _amount(amount: Amount | None) -> dict[str, Any] | None:
    return None if amount is None else {"value": _number(amount.value), "unit": amount.unit}


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _midnight(day: date) -> str:
    """Return midnight of the date: FHIR has a date here, the register takes a date and time."""
    return f"{day.isoformat()}T00:00:00.000Z"


def _present(**members: Any) -> dict[str, Any]:
    """Return the members that are there, in order."""
    return {name: value for name, value in members.items() if value is not None}
