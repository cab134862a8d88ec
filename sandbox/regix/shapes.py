"""The forms of the answers that this sandbox knows: names, order and namespaces of elements, from the public schemas.

All response elements are optional there, in these sequences; a type of a common schema has the common namespace.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_BASE = "http://egov.bg/RegiX"
NBD, PNA, BR = f"{_BASE}/GRAO/NBD", f"{_BASE}/GRAO/PNA", f"{_BASE}/GRAO/BR"
NHIF, NELK = f"{_BASE}/NHIF", f"{_BASE}/NELK/EISME"
NCPR = f"{_BASE}/NCPR"


@dataclass(frozen=True, slots=True)
class Shape:
    """One element: its name and namespace, and the elements within it, in order."""

    name: str
    namespace: str
    children: tuple[Shape, ...] = ()

    def paths(self) -> Iterator[str]:
        """Yield the dotted paths of all elements within it, as the access matrix names them."""
        for child in self.children:
            yield child.name
            yield from (f"{child.name}.{path}" for path in child.paths())


def leaves(namespace: str, names: str) -> tuple[Shape, ...]:
    """Return elements without elements of their own; names are separated by spaces."""
    return tuple(Shape(name, namespace) for name in names.split())


_NAMES = leaves(NBD, "FirstName SurName FamilyName")
_GENDER = leaves(NBD, "GenderCode GenderName")
_NATIONALITY = leaves(NBD, "NationalityCode NationalityName NationalityCode2 NationalityName2")
_ADDRESS = (
    "DistrictCode DistrictName MunicipalityCode MunicipalityName SettlementCode SettlementName CityAreaCode "
    "CityArea LocationCode LocationName BuildingNumber Entrance Floor Apartment FromDate"
)


def _valid_person() -> Shape:
    space = f"{NBD}/ValidPersonResponse"
    return Shape(
        "ValidPersonResponse", space, leaves(space, "FirstName SurName FamilyName BirthDate DeathDate")
    )


def _person_data() -> Shape:
    space = f"{NBD}/PersonDataResponse"
    return Shape(
        "PersonDataResponse",
        space,
        (
            Shape("PersonNames", space, _NAMES),
            Shape("Alias", space),
            Shape("LatinNames", space, _NAMES),
            Shape("ForeignNames", space, _NAMES),
            Shape("Gender", space, _GENDER),
            *leaves(space, "EGN BirthDate PlaceBirth"),
            Shape("Nationality", space, _NATIONALITY),
            Shape("DeathDate", space),
        ),
    )


def _relations() -> Shape:
    space = f"{NBD}/RelationsResponse"
    relation = (
        *leaves(NBD, "RelationCode EGN BirthDate FirstName SurName FamilyName"),
        Shape("Gender", NBD, _GENDER),
        Shape("Nationality", NBD, _NATIONALITY),
        Shape("DeathDate", NBD),
    )
    return Shape("RelationsResponse", space, (Shape("PersonRelations", space, relation),))


def _permanent_address() -> Shape:
    space = f"{PNA}/PermanentAddressResponse"
    return Shape("PermanentAddressResponse", space, leaves(space, _ADDRESS))


def _temporary_address() -> Shape:
    space = f"{PNA}/TemporaryAddressResponse"
    return Shape("TemporaryAddressResponse", space, leaves(space, f"CountryCode CountryName {_ADDRESS}"))


def _marital_status() -> Shape:
    space = f"{BR}/MaritalStatusResponse"
    names = "MaritalStatusCode MaritalStatusName FirstName MiddleName LastName EGN Gender ReportDate"
    return Shape("MaritalStatusResponse", space, leaves(space, names))


def _hospitalizations() -> Shape:
    space, common = f"{NHIF}/Response", f"{NHIF}/NHIFCommon"
    icd = (
        Shape("MainICD", common, leaves(common, "ICDName ICDCode")),
        *(
            Shape(f"AttachedICD{n}", common, leaves(common, f"AttachedICD{n}Code AttachedICD{n}Name"))
            for n in (1, 2, 3)
        ),
    )
    record = (
        *leaves(space, "PatientIdentificator BranchName"),
        Shape("MSP", space, leaves(common, "MSPCode MSPName")),
        Shape("ClinicalPath", space, leaves(common, "ClinicalPathCode ClinicalPathName")),
        Shape("ICD", space, icd),
        *leaves(space, "DateFrom DateTo BedDays ImplantsInfo"),
    )
    records = (Shape("PatientRecordHospitalization", space, record),)
    return Shape(
        "PatientRecordHospitalizationsResponse",
        space,
        (Shape("PatientRecordHospitalizations", space, records),),
    )


def _treatments() -> Shape:
    space, common = f"{NHIF}/Response", f"{NHIF}/NHIFCommon"
    record = (
        Shape("Pharmacy", space, leaves(space, "MSPCode MSPName Address")),
        Shape("Prescription", space, leaves(space, "PresctiptionNumber PresctiptionDate")),  # spelt so
        Shape("ICD", space, leaves(common, "ICDCode ICDName")),
        Shape("Practitioner", space, leaves(common, "PractitionerUIN PractitionerNames")),
        Shape("Sender", space, leaves(space, "MSPCode MSPName")),
        Shape("DispensedDate", space),
        Shape("MedicalSupply", space, leaves(space, "MedicalSupplyCode MedicalSupplyDescription")),
        *leaves(space, "PrescribedQuantity UnitPrice Price PatientIdentificator"),
    )
    records = (Shape("PatientRecordMedicalTreatment", space, record),)
    return Shape(
        "PatientRecordMedicalTreatmentsResponse",
        space,
        (Shape("PatientRecordMedicalTreatments", space, records),),
    )


def _hospital_sheets() -> Shape:
    # The only schema without a namespace.
    chart = leaves(
        "",
        "IssuedHospitalSheetNumber TemporaryDisibilityReason VacationFromDate VacationToDate "
        "CanceledHospitalSheetNumber HospitalSheetIssueDate MedicalCentreName SysDate HospitalSheetOperation",
    )
    return Shape(
        "GetHospitalSheetsDataResponse",
        "",
        (
            Shape("Title", "", leaves("", "Name EGN FlagEGN NamesEGN ReportDate")),
            Shape("ePatCharts", "", (Shape("ePatChart", "", chart),)),
        ),
    )


VALID_PERSON = _valid_person()
PERSON_DATA = _person_data()
RELATIONS = _relations()
PERMANENT_ADDRESS = _permanent_address()
TEMPORARY_ADDRESS = _temporary_address()
MARITAL_STATUS = _marital_status()
HOSPITALIZATIONS = _hospitalizations()
TREATMENTS = _treatments()
HOSPITAL_SHEETS = _hospital_sheets()
