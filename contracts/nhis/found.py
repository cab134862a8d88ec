"""What NHIS shows of an immunization that a search finds (I004), in the words of the event that registers one.

Every member may be absent; codes are NHIS's own, dates are as it states them.
"""

from __future__ import annotations

from contracts.model import ContractModel


class FoundName(ContractModel):
    """NHIS `name`."""

    given: str | None = None
    """NHIS `given`: first name."""
    middle: str | None = None
    """NHIS `middle`: father's name."""
    family: str | None = None
    """NHIS `family`."""


class FoundAddress(ContractModel):
    """NHIS `address`."""

    country: str | None = None
    """NHIS `country` (CL005)."""
    county: str | None = None
    """NHIS `county` (CL041)."""
    ekatte: str | None = None
    """NHIS `ekatte` (CL044)."""
    city: str | None = None
    """NHIS `city`."""
    line: str | None = None
    """NHIS `line`: street and number."""
    postal_code: str | None = None
    """NHIS `postalCode`."""


class FoundPatient(ContractModel):
    """NHIS `subject`."""

    identifier_type: str | None = None
    """NHIS `identifierType` (CL004), in the event's word: `egn`, `lnch`, …."""
    identifier: str | None = None
    """NHIS `identifier`."""
    nhif_insurance_number: str | None = None
    """NHIS `nhifInsuranceNumber`."""
    birth_date: str | None = None
    """NHIS `birthDate`."""
    gender: str | None = None
    """NHIS `gender` (CL001), in the event's word: `male`, `female`, …."""
    name: FoundName | None = None
    """NHIS `name`."""
    address: FoundAddress | None = None
    """NHIS `address`."""
    nationality: str | None = None
    """NHIS `nationality` (CL005)."""
    phone: str | None = None
    """NHIS `phone`."""
    email: str | None = None
    """NHIS `email`."""


class FoundQualification(ContractModel):
    """NHIS `qualification`."""

    code: str | None = None
    """NHIS `qualification@value` (CL006)."""
    nhif_code: str | None = None
    """NHIS `qualification@nhifCode`."""


class FoundAccompanying(ContractModel):
    """NHIS `accompanying`: another medical practitioner who took part."""

    uin: str | None = None
    """NHIS `pmi`."""
    qualification: FoundQualification | None = None
    """NHIS `qualification`."""


class FoundPerformer(ContractModel):
    """NHIS `performer`."""

    uin: str | None = None
    """NHIS `pmi`."""
    deputy_uin: str | None = None
    """NHIS `pmiDeputy`."""
    role: str | None = None
    """NHIS `role` (CL023), in the event's word: `titular`, `deputy`, `hired`."""
    qualification: FoundQualification | None = None
    """NHIS `qualification`."""
    accompanying: tuple[FoundAccompanying, ...] | None = None
    """NHIS `accompanying`, one each."""
    practice_number: str | None = None
    """NHIS `practiceNumber`."""
    phone: str | None = None
    """NHIS `phone`."""
    email: str | None = None
    """NHIS `email`."""
    rhif_area_number: str | None = None
    """NHIS `rhifAreaNumber` (CL029)."""
    nhif_number: str | None = None
    """NHIS `nhifNumber`."""


class FoundDoseQuantity(ContractModel):
    """NHIS `doseQuantityValue` and `doseQuantityCode`."""

    value: float | None = None
    """NHIS `doseQuantityValue`."""
    unit: str | None = None
    """NHIS `doseQuantityCode`."""


class FoundExternalPrevious(ContractModel):
    """NHIS `extImmunizationDetails`: the previous dose, given elsewhere."""

    occurrence: str | None = None
    """NHIS `occurrence`."""
    vaccine_name: str | None = None
    """NHIS `vaccineName`."""
    vaccine_atc: str | None = None
    """NHIS `vaccineAtc`."""
    vaccine_inn: str | None = None
    """NHIS `vaccineInn`."""
    serial_number: str | None = None
    """NHIS `serialNumber`."""
    lot_number: str | None = None
    """NHIS `lotNumber`."""
    country: str | None = None
    """NHIS `country` (CL005)."""
    authority: str | None = None
    """NHIS `authority`."""


class FoundImmunization(ContractModel):
    """NHIS `immunization`."""

    nrn: str | None = None
    """NHIS `nrnImmunization`: the number that NHIS gave it."""
    status: str | None = None
    """NHIS `status` (CL039): 1 performed, 2 invalid."""
    certificate_number: str | None = None
    """NHIS `uvci`."""
    cancel_reason: str | None = None
    """NHIS `cancelReason`: why it was cancelled."""
    lrn: str | None = None
    """NHIS `lrn`: the hospital's own number."""
    occurrence: str | None = None
    """NHIS `occurrence`: when it was given."""
    based_on: str | None = None
    """NHIS `basedOn`: the NRN of the examination."""
    target_diseases: tuple[str, ...] | None = None
    """NHIS `targetDisease` (CL011)."""
    vaccine_code: str | None = None
    """NHIS `vaccineCode` (CL037)."""
    nhif_vaccine_code: str | None = None
    """NHIS `nhifVaccineCode` (CL038)."""
    primary_source: bool | None = None
    """NHIS `primarySource`."""
    series: str | None = None
    """NHIS `series`."""
    series_doses: int | None = None
    """NHIS `seriesDoses`."""
    dose_number: int | None = None
    """NHIS `doseNumber`."""
    dose_quantity: FoundDoseQuantity | None = None
    """NHIS `doseQuantityValue` and `doseQuantityCode`."""
    lot_number: str | None = None
    """NHIS `lotNumber`."""
    serial_number: str | None = None
    """NHIS `serialNumber`."""
    expiration_date: str | None = None
    """NHIS `expirationDate`."""
    body_site: str | None = None
    """NHIS `site` (CL045)."""
    route: str | None = None
    """NHIS `route` (CL046)."""
    next_dose_date: str | None = None
    """NHIS `nextDoseDate`."""
    booster: bool | None = None
    """NHIS `booster`."""
    special_case: bool | None = None
    """NHIS `isSpecialCase`."""
    previous_nrn: str | None = None
    """NHIS `nrnPrevImmunization`."""
    previous_is_external: bool | None = None
    """NHIS `extPrevImmunization`: the previous dose was given before or outside NHIS."""
    external_previous: FoundExternalPrevious | None = None
    """NHIS `extImmunizationDetails`."""
    social_group: str | None = None
    """NHIS `socialGroup` (CL042)."""
    person_status: str | None = None
    """NHIS `personStatus` (CL043)."""
    generate_certificate: bool | None = None
    """NHIS `generateCertificate`."""
    note: str | None = None
    """NHIS `note`."""


class FoundReaction(ContractModel):
    """NHIS `reaction`: an adverse reaction to the immunization."""

    number: str | None = None
    """NHIS `nrnReaction`: the number that NHIS gave it."""
    start_date: str | None = None
    """NHIS `reactionStartDate`."""
    end_date: str | None = None
    """NHIS `reactionEndDate`."""
    reported: bool | None = None
    """NHIS `reported`."""
    action: str | None = None
    """NHIS `action`."""
    effect: str | None = None
    """NHIS `effect`."""
    outcome: str | None = None
    """NHIS `outcome`."""
    dependency: str | None = None
    """NHIS `dependency`."""
    relation: str | None = None
    """NHIS `relation`."""
    description: str | None = None
    """NHIS `description`."""


class FoundRecord(ContractModel):
    """NHIS `results`: one immunization with whom it was given to, and by whom."""

    immunization: FoundImmunization | None = None
    """NHIS `immunization`."""
    patient: FoundPatient | None = None
    """NHIS `subject`."""
    performer: FoundPerformer | None = None
    """NHIS `performer`."""
    reactions: tuple[FoundReaction, ...] | None = None
    """NHIS `reaction`, one each, in the terms of the event that registers one; where it shows them."""
