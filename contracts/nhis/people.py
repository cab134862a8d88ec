"""The people of an NHIS event: the patient (`subject`) and who performed it (`performer`)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from contracts.fields import Day, Email, Identifier, Line, NhifCode, PracticeNumber, Uin, at_most
from contracts.model import ContractModel
from contracts.nhis.fields import AddressLine, Code, Coded, Country, Ekatte, NhifNumber, Phone

MOST_ACCOMPANYING = 20


class IdentifierType(StrEnum):
    """CL004: in which register the identifier is."""

    EGN = "egn"
    LNCH = "lnch"
    SSN = "ssn"
    PASSPORT = "passport"
    OTHER = "other"
    NEWBORN = "newborn"


class Gender(StrEnum):
    """CL001."""

    MALE = "male"
    FEMALE = "female"
    OTHER = "other"
    UNKNOWN = "unknown"


class Role(StrEnum):
    """CL023: on whose behalf the performer acts."""

    TITULAR = "titular"
    DEPUTY = "deputy"
    HIRED = "hired"


class PatientReference(ContractModel):
    """A patient, by identifier alone: enough to search."""

    identifier_type: IdentifierType
    """In which register the identifier is. NHIS `identifierType` (CL004)."""
    identifier: Identifier
    """The patient's number; an EGN or LNCh has 10 digits and a right check digit (RL001). NHIS `identifier`."""


class PersonName(ContractModel):
    """A name as NHIS has it."""

    given: Line
    """First name. NHIS `given`."""
    middle: Line | None = None
    """Father's name. NHIS `middle`."""
    family: Line
    """Family name. NHIS `family`."""


class Address(ContractModel):
    """NHIS `address`. County and EKATTE are given exactly when the country is BG (CDX04)."""

    country: Country
    """The country, as two capital letters of ISO 3166. NHIS `country` (CL005)."""
    county: Code | None = None
    """The region of an address in Bulgaria. NHIS `county` (CL041)."""
    ekatte: Ekatte | None = None
    """The settlement's 5 digits, for an address in Bulgaria. NHIS `ekatte` (CL044)."""
    city: Line
    """The settlement's name. NHIS `city`."""
    line: AddressLine | None = None
    """Street and number. NHIS `line`."""
    postal_code: Line | None = None
    """The postal code. NHIS `postalCode`."""


class Patient(PatientReference):
    """A patient with all that a registration needs (NHIS `subject`)."""

    nhif_insurance_number: Line | None = None
    """The patient's insurance number at the NHIF. NHIS `nhifInsuranceNumber`."""
    birth_date: Day
    """The day of birth; agrees with the EGN (RL003). NHIS `birthDate`."""
    gender: Gender
    """The patient's gender; agrees with the EGN (RL003). NHIS `gender` (CL001)."""
    name: PersonName
    """The patient's name. NHIS `name`."""
    address: Address
    """Where the patient lives. NHIS `address`."""
    nationality: Country | None = None
    """The country of which the patient is a citizen. NHIS `nationality` (CL005)."""
    phone: Phone | None = None
    """A telephone number: up to 15 digits, no signs. NHIS `phone`."""
    email: Email | None = None
    """An e-mail address. NHIS `email`."""


class Qualification(ContractModel):
    """A medical specialty: NHIS `qualification`, one element with two attributes."""

    code: Annotated[Code, Coded("CL006")]
    """The medical specialty. NHIS `qualification@value` (CL006)."""
    nhif_code: NhifCode | None = None
    """The specialty's two digits at the NHIF, for a specialty that has some there. NHIS `qualification@nhifCode`."""


class Accompanying(ContractModel):
    """NHIS `accompanying`: another medical practitioner who took part."""

    uin: Uin
    """The practitioner's УИН, 10 digits. NHIS `pmi`."""
    qualification: Qualification
    """The practitioner's medical specialty. NHIS `qualification`."""


class Performer(ContractModel):
    """NHIS `performer`: the medical practitioner."""

    uin: Uin
    """The titular's УИН, 10 digits. NHIS `pmi`."""
    deputy_uin: Uin | None = None
    """УИН of the deputy or hired doctor; given exactly when the role is one (CDX05). NHIS `pmiDeputy`."""
    role: Role
    """On whose behalf the performer acts. NHIS `role` (CL023)."""
    qualification: Qualification
    """The performer's medical specialty. NHIS `qualification`."""
    accompanying: Annotated[
        tuple[Accompanying, ...] | None, Field(max_length=MOST_ACCOMPANYING), at_most(MOST_ACCOMPANYING)
    ] = None
    """The other medical practitioners who took part; the bound is ours. NHIS `accompanying`, one element each."""
    practice_number: PracticeNumber
    """The health establishment: 10 digits, the first two are the region, 01 to 28 (RL005). NHIS `practiceNumber`."""
    phone: Phone | None = None
    """A telephone number: up to 15 digits, no signs. NHIS `phone`."""
    email: Email | None = None
    """An e-mail address. NHIS `email`."""
    rhif_area_number: Code | None = None
    """The performer's regional health insurance fund. NHIS `rhifAreaNumber` (CL029)."""
    nhif_number: NhifNumber | None = None
    """The performer's contract number at the NHIF, up to 10 characters. NHIS `nhifNumber`."""
