"""What the registers of health answer: NHIF, NELK, NOI and NCPR. Every value is invented."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from sandbox.regix.people import PEOPLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.regix.people import Person

Values: TypeAlias = "dict[str, Any]"
_MOMENT = "1899-01-{:02}T09:30:00"
PRODUCT = "900001"
"""The only medicinal product that NCPR knows here."""


def hospitalizations(asked: Mapping[str, str | None]) -> Values:
    """Return the stays in hospitals."""
    return _within("PatientRecordHospitalizations", "PatientRecordHospitalization", _person(asked), _stay)


def treatments(asked: Mapping[str, str | None]) -> Values:
    """Return the prescriptions that were dispensed."""
    return _within(
        "PatientRecordMedicalTreatments", "PatientRecordMedicalTreatment", _person(asked), _dispensed
    )


def all_decisions(asked: Mapping[str, str | None]) -> Values:
    """Return every expert decision."""
    person = _person(asked)
    numbers = range(1, person.records + 1) if person else ()
    return {"ExpertDecisionDocument": [_decision(person, number) for number in numbers if person]}


def last_decision(asked: Mapping[str, str | None]) -> Values:
    """Return the newest expert decision alone."""
    return {"ExpertDecisionDocument": all_decisions(asked)["ExpertDecisionDocument"][-1:]}


def hospital_sheets(asked: Mapping[str, str | None]) -> Values:
    """Return the sick notes; the title is there even where none is."""
    person = _person(asked)
    title = {"Name": "Измислена справка", "FlagEGN": "ЕГН", "ReportDate": _MOMENT.format(31)}
    if person is None:
        return {"Title": title}
    known = {"EGN": person.egn, "NamesEGN": " ".join(person.names)}
    sheets = [_sheet(number) for number in range(1, person.records + 1)]
    return {"Title": {**title, **known}, "ePatCharts": {"ePatChart": sheets}}


def medicinal_product(asked: Mapping[str, str | None]) -> Values:
    """Return the product."""
    if asked["MedicinalProductIdentifier"] != PRODUCT:
        return {}
    register = {
        "RegisterName": "Измислен регистър",
        "PublishedAt": _MOMENT.format(1),
        "RegisterCode": "SANDBOX-1",
    }
    pdl = {
        **register,
        "ATCCodes": {"ATCCode": ["A00AA00", "A00AA01"]},
        "ReimbursementPercent": "50.00",
        "IsDddWHO": "true",
        "PackDDDNumber": "14",
        "ICDCodes": {"ICDCode": ["Z00.0"]},
    }
    data = {
        "MedicinalProductIdentifier": PRODUCT,
        "NameBG": "Измислен продукт",
        "NameEN": "Invented product",
        "MedicinalProductPDLRegistersData": {"MedicinalProductPDLRegisterData": [pdl]},
        "MedicinalProductMaxPricesRegisterData": {
            "MedicinalProductMaxPriceRegisterData": [{**register, "MaximumPrice": "12.50"}]
        },
        "INN": "inventum",
        "MedicamentForm": "таблетки",
        "RetailerFinalPriceBGN": "12.50",
    }
    return {"MedicinalProductData": data}


def _person(asked: Mapping[str, str | None]) -> Person | None:
    return PEOPLE.get(asked["Identifier"] or "") if asked.get("IdentifierType", "EGN") == "EGN" else None


def _within(outer: str, inner: str, person: Person | None, record: Any) -> Values:
    found = [record(person, number) for number in range(1, person.records + 1)] if person else []
    return {outer: {inner: found}}


def _stay(person: Person, number: int) -> Values:
    return {
        "PatientIdentificator": person.egn,
        "BranchName": "Измислена РЗОК",
        "MSP": {"MSPCode": "9999999999", "MSPName": "Измислена болница"},
        "ClinicalPath": {"ClinicalPathCode": f"{number:03}", "ClinicalPathName": "Измислена пътека"},
        "ICD": {"MainICD": {"ICDName": "Измислена диагноза", "ICDCode": "Z00.0"}},
        "DateFrom": f"0{number}.01.1899",
        "DateTo": f"0{number + 3}.01.1899",
        "BedDays": "3",
    }


def _dispensed(person: Person, number: int) -> Values:
    return {
        "Pharmacy": {"MSPCode": "9999999998", "MSPName": "Измислена аптека", "Address": "ул. Измислена 1"},
        "Prescription": {"PresctiptionNumber": f"{number}", "PresctiptionDate": f"0{number}.02.1899"},
        "ICD": {"ICDCode": "Z00.0", "ICDName": "Измислена диагноза"},
        "Practitioner": {"PractitionerUIN": "2300000011", "PractitionerNames": "Измислена Иванова"},
        "DispensedDate": f"0{number}.02.1899",
        "MedicalSupply": {"MedicalSupplyCode": PRODUCT, "MedicalSupplyDescription": "Измислен продукт"},
        "PrescribedQuantity": "1",
        "Price": "12.50",
        "PatientIdentificator": person.egn,
    }


def _decision(person: Person, number: int) -> Values:
    return {
        "RegistrationNumber": f"{90000 + number}",
        "MeetingNumber": f"{number}",
        "RegistrationDate": _MOMENT.format(number),
        "CommissionDescr": "Измислена комисия",
        "CommissionCode": "SANDBOX-1",
        "CommisionMember": [{"Position": "председател", "Name": "Измислена Иванова"}],
        "PersonNames": " ".join(person.names),
        "PersonIdentifier": person.egn,
        "EmployabilityAssessment": f"{50 + number}%",
        "DisabilityReason": [
            {"Date": _MOMENT.format(number), "Percent": f"{50 + number}", "Type": "измислен"}
        ],
        "Diagnosis": "Измислена диагноза",
        "DiagnosisCode": "Z00.0",
    }


def _sheet(number: int) -> Values:
    return {
        "IssuedHospitalSheetNumber": f"E1899{number:07}",
        "TemporaryDisibilityReason": "измислена причина",
        "VacationFromDate": f"0{number}-03-1899",
        "VacationToDate": f"0{number + 5}-03-1899",
        "CanceledHospitalSheetNumber": "",
        "HospitalSheetIssueDate": f"0{number}-03-1899",
        "MedicalCentreName": "Измислена болница",
        "SysDate": _MOMENT.format(number),
        "HospitalSheetOperation": "издаване",
    }
