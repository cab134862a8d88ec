"""The data of `nhis.immunization.register.v1`: one immunization, its patient and its performer (I001)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.fields import Count, Day, Flag, Line, LongText, Quantity, at_most
from contracts.model import ContractModel
from contracts.nhis.fields import Batch, Code, Coded, Country, Lrn, NhifVaccineCode, Nrn
from contracts.nhis.people import Patient, Performer

MOST_DISEASES = 20


class DoseQuantity(ContractModel):
    """How much was given."""

    value: Quantity
    """The amount, as a JSON number. NHIS `doseQuantityValue`."""
    unit: Line | None = None
    """The unit: UCUM, or a code of CL035. NHIS `doseQuantityCode`."""


class ExternalPrevious(ContractModel):
    """NHIS `extImmunizationDetails`: the previous dose, when it was given before or outside NHIS."""

    occurrence: Day
    """The day on which that dose was given. NHIS `occurrence`."""
    vaccine_name: Line
    """The vaccine's trade name. NHIS `vaccineName`."""
    vaccine_atc: Line | None = None
    """The vaccine's ATC code. NHIS `vaccineAtc`."""
    vaccine_inn: Line | None = None
    """The vaccine's international non-proprietary name. NHIS `vaccineInn`."""
    serial_number: Batch | None = None
    """The pack's own serial number. NHIS `serialNumber`."""
    lot_number: Batch
    """The lot, as printed on the pack. NHIS `lotNumber`."""
    country: Country
    """The country in which it was given. NHIS `country` (CL005)."""
    authority: Line
    """Who gave or documented it. NHIS `authority`."""


class Immunization(ContractModel):
    """One dose of one vaccine, as NHIS's `immunization` has it."""

    lrn: Lrn | None = None
    """The hospital's own number; where absent, one is derived from the event's identity. NHIS `lrn`."""
    occurrence: Day
    """The day of the immunization. NHIS `occurrence`."""
    based_on: Nrn | None = None
    """The NRN of the examination. NHIS `basedOn`."""
    target_diseases: Annotated[
        tuple[Code, ...],
        Field(min_length=1, max_length=MOST_DISEASES),
        at_most(MOST_DISEASES),
        Coded("CL011"),
    ]
    """The diseases that it protects against, in ICD-10. NHIS `targetDisease`, one element each (CL011)."""
    vaccine_code: Annotated[Code, Coded("CL037")]
    """The vaccine. NHIS `vaccineCode` (CL037)."""
    nhif_vaccine_code: Annotated[NhifVaccineCode | None, Coded("CL038")] = None
    """The planned immunization at the NHIF: a code for each dose of one vaccine. NHIS `nhifVaccineCode` (CL038)."""
    primary_source: Flag
    """True when the performer gave the dose, false when it is reported by others. NHIS `primarySource`."""
    series: Line | None = None
    """The name of the series of doses. NHIS `series`."""
    series_doses: Count | None = None
    """How many doses the series has. NHIS `seriesDoses`."""
    dose_number: Count
    """Which dose of the series this is. NHIS `doseNumber`."""
    dose_quantity: DoseQuantity | None = None
    """How much was given. NHIS `doseQuantityValue` and `doseQuantityCode`."""
    lot_number: Batch | None = None
    """The lot, checked with the vaccine against the list of vaccine lots. NHIS `lotNumber` (C004)."""
    serial_number: Batch | None = None
    """The pack's own serial number. NHIS `serialNumber`."""
    expiration_date: Day | None = None
    """The last day on which the pack may be used. NHIS `expirationDate`."""
    body_site: Annotated[Code | None, Coded("CL045")] = None
    """The part of the body. NHIS `site` (CL045)."""
    route: Annotated[Code | None, Coded("CL046")] = None
    """The route of administration. NHIS `route` (CL046)."""
    next_dose_date: Day | None = None
    """When the next dose is due, after the occurrence. NHIS `nextDoseDate`."""
    booster: Flag | None = None
    """Whether this is a booster dose. NHIS `booster`."""
    special_case: Flag | None = None
    """True for lowered immunity, hence another scheme of doses. NHIS `isSpecialCase`."""
    previous_nrn: Nrn | None = None
    """The NRN of the previous dose (RL062); not together with a dose outside NHIS. NHIS `nrnPrevImmunization`."""
    previous_is_external: Flag | None = None
    """True when the previous dose was given before or outside NHIS, also where no details of it are known; with
    `externalPrevious` it is sent as true by itself. NHIS `extPrevImmunization`."""
    external_previous: ExternalPrevious | None = None
    """The previous dose outside NHIS; not together with `previousNrn`. NHIS `extPrevImmunization` and
    `extImmunizationDetails`."""
    social_group: Annotated[Code | None, Coded("CL042")] = None
    """The patient's social group. NHIS `socialGroup` (CL042)."""
    person_status: Annotated[Code | None, Coded("CL043")] = None
    """The patient's status of immunization. NHIS `personStatus` (CL043)."""
    generate_certificate: Flag | None = None
    """Whether NHIS shall make a certificate of this dose; that a registration says so is inferred. NHIS
    `generateCertificate`."""
    note: LongText | None = None
    """A note in words. NHIS `note`."""


class RegisterImmunization(ContractModel):
    """Register one immunization (I001)."""

    patient: Patient
    """The patient. NHIS `subject`."""
    performer: Performer
    """Who performed or reported it. NHIS `performer`."""
    immunization: Immunization
    """The dose. NHIS `immunization`."""
