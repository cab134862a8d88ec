"""The people of a prescription: who prescribes, and for whom."""

from __future__ import annotations

from enum import StrEnum

from contracts.erx.fields import PhoneNumber, SpecialtyCode
from contracts.fields import Day, Email, Flag, Identifier, Line, Uin
from contracts.model import ContractModel


class ErxIdentifierType(StrEnum):
    """In which register a patient's number is; the document shows the EGN alone."""

    EGN = "egn"
    LNCH = "lnch"


class ErxGender(StrEnum):
    """FHIR's administrative gender."""

    MALE = "male"
    FEMALE = "female"
    OTHER = "other"
    UNKNOWN = "unknown"


class ErxPersonName(ContractModel):
    """FHIR `name`."""

    prefix: Line | None = None
    """FHIR `prefix`: a title."""
    given: Line
    """FHIR `given`, its first."""
    middle: Line | None = None
    """FHIR `given`, its second: father's name."""
    family: Line
    """FHIR `family`."""


class Specialty(ContractModel):
    """FHIR `PractitionerRole.specialty`: a code of doctor-speciality-nhif."""

    code: SpecialtyCode
    """FHIR `code`: two digits at the NHIF."""
    display: Line | None = None
    """FHIR `display`."""


class Prescriber(ContractModel):
    """FHIR `Practitioner` and `PractitionerRole`."""

    uin: Uin
    """FHIR `identifier` (`ns/uin`): УИН, 10 digits."""
    name: ErxPersonName
    """FHIR `name`."""
    phone: PhoneNumber | None = None
    """FHIR `telecom`, a mobile phone."""
    email: Email | None = None
    """FHIR `telecom`, the e-mail at work."""
    gender: ErxGender
    """FHIR `gender`."""
    specialty: Specialty
    """FHIR `PractitionerRole.specialty`."""


class ErxPatientReference(ContractModel):
    """A patient, by number alone: enough to search."""

    identifier_type: ErxIdentifierType
    """In which register the number is."""
    identifier: Identifier
    """FHIR `identifier` (EGN: `ns/nnbgr`); 10 digits with a right check digit."""


class ErxPatient(ErxPatientReference):
    """FHIR `Patient`."""

    birth_date: Day
    """FHIR `birthDate`, which the register takes as a date and time; agrees with the EGN."""
    gender: ErxGender
    """FHIR `gender`; agrees with the EGN."""
    name: ErxPersonName
    """FHIR `name`."""
    maternity: Flag
    """FHIR extension `patient-maternity-flag`."""
    pregnancy: Flag
    """FHIR extension `patient-pregnancy-flag`."""
    address: Line | None = None
    """FHIR `address.text`; the newer text alone has it."""
