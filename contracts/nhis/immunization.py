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
    """NHIS `doseQuantityValue`: a JSON number."""
    unit: Line | None = None
    """NHIS `doseQuantityCode`: UCUM, or a code of CL035."""


class ExternalPrevious(ContractModel):
    """NHIS `extImmunizationDetails`: the previous dose, when it was given before or outside NHIS."""

    occurrence: Day
    """NHIS `occurrence`: when that dose was given."""
    vaccine_name: Line
    """NHIS `vaccineName`."""
    vaccine_atc: Line | None = None
    """NHIS `vaccineAtc`: ATC code."""
    vaccine_inn: Line | None = None
    """NHIS `vaccineInn`: international non-proprietary name."""
    serial_number: Batch | None = None
    """NHIS `serialNumber`."""
    lot_number: Batch
    """NHIS `lotNumber`."""
    country: Country
    """NHIS `country` (CL005): where it was given."""
    authority: Line
    """NHIS `authority`: who gave or documented it."""


class Immunization(ContractModel):
    """NHIS `immunization`: one dose of one vaccine."""

    lrn: Lrn | None = None
    """NHIS `lrn`: the hospital's own number; where absent, one is derived from the event's identity."""
    occurrence: Day
    """NHIS `occurrence`: the day of the immunization."""
    based_on: Nrn | None = None
    """NHIS `basedOn`: the NRN of the examination."""
    target_diseases: Annotated[
        tuple[Code, ...],
        Field(min_length=1, max_length=MOST_DISEASES),
        at_most(MOST_DISEASES),
        Coded("CL011"),
    ]
    """NHIS `targetDisease`, one element each (CL011, ICD-10): what it protects against."""
    vaccine_code: Annotated[Code, Coded("CL037")]
    """NHIS `vaccineCode` (CL037)."""
    nhif_vaccine_code: Annotated[NhifVaccineCode | None, Coded("CL038")] = None
    """NHIS `nhifVaccineCode` (CL038): another one for each dose of the same vaccine."""
    primary_source: Flag
    """NHIS `primarySource`: true when the performer gave the dose, false when it is reported by others."""
    series: Line | None = None
    """NHIS `series`: name of the series of doses."""
    series_doses: Count | None = None
    """NHIS `seriesDoses`: how many doses the series has."""
    dose_number: Count
    """NHIS `doseNumber`: which dose of the series this is."""
    dose_quantity: DoseQuantity | None = None
    """NHIS `doseQuantityValue` and `doseQuantityCode`."""
    lot_number: Batch | None = None
    """NHIS `lotNumber`: checked with the vaccine against the list of vaccine lots (C004)."""
    serial_number: Batch | None = None
    """NHIS `serialNumber`."""
    expiration_date: Day | None = None
    """NHIS `expirationDate`: of the pack."""
    body_site: Annotated[Code | None, Coded("CL045")] = None
    """NHIS `site` (CL045)."""
    route: Annotated[Code | None, Coded("CL046")] = None
    """NHIS `route` (CL046)."""
    next_dose_date: Day | None = None
    """NHIS `nextDoseDate`: after the occurrence."""
    booster: Flag | None = None
    """NHIS `booster`."""
    special_case: Flag | None = None
    """NHIS `isSpecialCase`: lowered immunity, hence another scheme."""
    previous_nrn: Nrn | None = None
    """NHIS `nrnPrevImmunization`: NRN of the previous dose (RL062); not together with `externalPrevious`."""
    previous_is_external: Flag | None = None
    """NHIS `extPrevImmunization`: true when the previous dose was given before or outside NHIS; for a dose of which no
    details are known. With `externalPrevious` it is sent as true by itself."""
    external_previous: ExternalPrevious | None = None
    """NHIS `extImmunizationDetails`, sent with `extPrevImmunization`; not together with `previousNrn`."""
    social_group: Annotated[Code | None, Coded("CL042")] = None
    """NHIS `socialGroup` (CL042)."""
    person_status: Annotated[Code | None, Coded("CL043")] = None
    """NHIS `personStatus` (CL043)."""
    generate_certificate: Flag | None = None
    """NHIS `generateCertificate`: whether NHIS shall make a certificate of this dose; that a registration has it is
    inferred."""
    note: LongText | None = None
    """NHIS `note`."""


class RegisterImmunization(ContractModel):
    """Register one immunization (I001)."""

    patient: Patient
    """NHIS `subject`."""
    performer: Performer
    """NHIS `performer`."""
    immunization: Immunization
    """NHIS `immunization`."""
