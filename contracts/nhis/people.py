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
    """NHIS `identifierType` (CL004)."""
    identifier: Identifier
    """NHIS `identifier`; an EGN or LNCh has 10 digits and a right check digit (RL001)."""


class PersonName(ContractModel):
    """NHIS `name`."""

    given: Line
    """NHIS `given`: first name."""
    middle: Line | None = None
    """NHIS `middle`: father's name."""
    family: Line
    """NHIS `family`."""


class Address(ContractModel):
    """NHIS `address`. County and EKATTE are given exactly when the country is BG (CDX04)."""

    country: Country
    """NHIS `country` (CL005), two capital letters."""
    county: Code | None = None
    """NHIS `county` (CL041)."""
    ekatte: Ekatte | None = None
    """NHIS `ekatte` (CL044): the settlement's 5 digits."""
    city: Line
    """NHIS `city`."""
    line: AddressLine | None = None
    """NHIS `line`: street and number."""
    postal_code: Line | None = None
    """NHIS `postalCode`."""


class Patient(PatientReference):
    """NHIS `subject`."""

    nhif_insurance_number: Line | None = None
    """NHIS `nhifInsuranceNumber`."""
    birth_date: Day
    """NHIS `birthDate`; agrees with the EGN (RL003)."""
    gender: Gender
    """NHIS `gender` (CL001); agrees with the EGN (RL003)."""
    name: PersonName
    """NHIS `name`."""
    address: Address
    """NHIS `address`."""
    nationality: Country | None = None
    """NHIS `nationality` (CL005)."""
    phone: Phone | None = None
    """NHIS `phone`: up to 15 digits, no signs."""
    email: Email | None = None
    """NHIS `email`."""


class Qualification(ContractModel):
    """NHIS `qualification`: one element with two attributes."""

    code: Annotated[Code, Coded("CL006")]
    """NHIS `qualification@value` (CL006): the medical specialty."""
    nhif_code: NhifCode | None = None
    """NHIS `qualification@nhifCode`: the specialty's two digits at the NHIF, for a specialty that has some there."""


class Accompanying(ContractModel):
    """NHIS `accompanying`: another medical practitioner who took part."""

    uin: Uin
    """NHIS `pmi`: УИН, 10 digits."""
    qualification: Qualification
    """NHIS `qualification`."""


class Performer(ContractModel):
    """NHIS `performer`: the medical practitioner."""

    uin: Uin
    """NHIS `pmi`: the titular's УИН, 10 digits."""
    deputy_uin: Uin | None = None
    """NHIS `pmiDeputy`: УИН of the deputy or hired doctor; given exactly when the role is one (CDX05)."""
    role: Role
    """NHIS `role` (CL023)."""
    qualification: Qualification
    """NHIS `qualification`."""
    accompanying: Annotated[
        tuple[Accompanying, ...] | None, Field(max_length=MOST_ACCOMPANYING), at_most(MOST_ACCOMPANYING)
    ] = None
    """NHIS `accompanying`, one element each: who else took part; the bound is ours."""
    practice_number: PracticeNumber
    """NHIS `practiceNumber`: 10 digits, the first two are the region, 01 to 28 (RL005)."""
    phone: Phone | None = None
    """NHIS `phone`: up to 15 digits, no signs."""
    email: Email | None = None
    """NHIS `email`."""
    rhif_area_number: Code | None = None
    """NHIS `rhifAreaNumber` (CL029)."""
    nhif_number: NhifNumber | None = None
    """NHIS `nhifNumber`: up to 10 characters."""
