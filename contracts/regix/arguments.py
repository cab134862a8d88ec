"""Which fields the argument of an operation has, where its shape is known. The worker's schemas say in which order."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_PERSON = ("egn",)
_PERSON_ON_A_DAY = ("egn", "searchDate")
_IDENTIFIED = ("identifier", "identifierType")

FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **dict.fromkeys(("ValidPersonSearch", "PersonDataSearch", "RelationsSearch"), _PERSON),
        **dict.fromkeys(
            ("MaritalStatusSearch", "MaritalStatusSpouseChildrenSearch", "MarriageSearch", "SpouseSearch"),
            _PERSON,
        ),
        **dict.fromkeys(("PermanentAddressSearch", "TemporaryAddressSearch"), _PERSON_ON_A_DAY),
        **dict.fromkeys(
            (
                "GetPatientRecordClinicalProcedures",
                "GetPatientRecordDental",
                "GetPatientRecordDrugsByHospitalizations",
                "GetPatientRecordDrugsbyClinicalProcedures",
                "GetPatientRecordHospitalizations",
                "GetPatientRecordLaboratory",
                "GetPatientRecordMedicalTreatments",
                "GetReportExams",
                "GetHospitalSheetsData",
            ),
            _IDENTIFIED,
        ),
        **dict.fromkeys(
            ("GetAllExpertDecisionsByIdentifier", "GetLastExpertDecisionByIdentifier"), ("identifier",)
        ),
        "GetMedicinalProductData": ("medicinalProductIdentifier",),
    }
)
"""By the operation's short name: the fields of its argument, all of them required."""
