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
    """A name as FHIR's `HumanName` has it."""

    prefix: Line | None = None
    """A title. FHIR `prefix`."""
    given: Line
    """First name. FHIR `given`, its first."""
    middle: Line | None = None
    """Father's name. FHIR `given`, its second."""
    family: Line
    """Family name. FHIR `family`."""


class Specialty(ContractModel):
    """A code of the list doctor-speciality-nhif."""

    code: SpecialtyCode
    """The specialty's two digits at the NHIF. FHIR `code`."""
    display: Line | None = None
    """The specialty in words. FHIR `display`."""


class Prescriber(ContractModel):
    """FHIR `Practitioner` and `PractitionerRole`."""

    uin: Uin
    """УИН, 10 digits. FHIR `identifier` (`ns/uin`)."""
    name: ErxPersonName
    """Their name. FHIR `name`."""
    phone: PhoneNumber | None = None
    """A mobile phone. FHIR `telecom`."""
    email: Email | None = None
    """The e-mail address at work. FHIR `telecom`."""
    gender: ErxGender
    """The prescriber's gender. FHIR `gender`."""
    specialty: Specialty
    """The prescriber's specialty. FHIR `PractitionerRole.specialty`."""


class ErxPatientReference(ContractModel):
    """A patient, by number alone: enough to search."""

    identifier_type: ErxIdentifierType
    """In which register the number is."""
    identifier: Identifier
    """The patient's number: 10 digits with a right check digit. FHIR `identifier` (EGN: `ns/nnbgr`)."""


class ErxPatient(ErxPatientReference):
    """A patient with all that a prescription needs (FHIR `Patient`)."""

    birth_date: Day
    """The day of birth, which agrees with the EGN. FHIR `birthDate`, which the register takes as a date and time."""
    gender: ErxGender
    """The patient's gender, which agrees with the EGN. FHIR `gender`."""
    name: ErxPersonName
    """Their name. FHIR `name`."""
    maternity: Flag
    """Whether the patient is in maternity. FHIR extension `patient-maternity-flag`."""
    pregnancy: Flag
    """Whether the patient is pregnant. FHIR extension `patient-pregnancy-flag`."""
    address: Line | None = None
    """Where the patient lives. FHIR `address.text`; the newer text alone has it."""
