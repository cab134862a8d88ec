"""What NHIS shows of an immunization that a search finds (I004), in the words of the event that registers one.

Every member may be absent; codes are NHIS's own, dates are as it states them.
"""

from __future__ import annotations

from contracts.model import ContractModel


class FoundName(ContractModel):
    """A person's name, as NHIS has it."""

    given: str | None = None
    """First name. NHIS `given`."""
    middle: str | None = None
    """Father's name. NHIS `middle`."""
    family: str | None = None
    """Family name. NHIS `family`."""


class FoundAddress(ContractModel):
    """An address. NHIS `address`."""

    country: str | None = None
    """The country, as two capital letters of ISO 3166. NHIS `country` (CL005)."""
    county: str | None = None
    """The region of an address in Bulgaria. NHIS `county` (CL041)."""
    ekatte: str | None = None
    """The settlement's 5 digits, for an address in Bulgaria. NHIS `ekatte` (CL044)."""
    city: str | None = None
    """The settlement's name. NHIS `city`."""
    line: str | None = None
    """Street and number. NHIS `line`."""
    postal_code: str | None = None
    """The postal code. NHIS `postalCode`."""


class FoundPatient(ContractModel):
    """The patient, as NHIS shows them (`subject`)."""

    identifier_type: str | None = None
    """In which register the identifier is, in the event's word: `egn`, `lnch`, …. NHIS `identifierType` (CL004)."""
    identifier: str | None = None
    """The patient's number. NHIS `identifier`."""
    nhif_insurance_number: str | None = None
    """The patient's insurance number at the NHIF. NHIS `nhifInsuranceNumber`."""
    birth_date: str | None = None
    """The day of birth. NHIS `birthDate`."""
    gender: str | None = None
    """The patient's gender, in the event's word: `male`, `female`, …. NHIS `gender` (CL001)."""
    name: FoundName | None = None
    """The patient's name. NHIS `name`."""
    address: FoundAddress | None = None
    """Where the patient lives. NHIS `address`."""
    nationality: str | None = None
    """The country of which the patient is a citizen. NHIS `nationality` (CL005)."""
    phone: str | None = None
    """The patient's telephone number. NHIS `phone`."""
    email: str | None = None
    """The patient's e-mail address. NHIS `email`."""


class FoundQualification(ContractModel):
    """A medical specialty: NHIS `qualification`, one element with two attributes."""

    code: str | None = None
    """The medical specialty. NHIS `qualification@value` (CL006)."""
    nhif_code: str | None = None
    """The specialty's two digits at the NHIF. NHIS `qualification@nhifCode`."""


class FoundAccompanying(ContractModel):
    """Another medical practitioner who took part, as NHIS shows them (`accompanying`)."""

    uin: str | None = None
    """The practitioner's УИН. NHIS `pmi`."""
    qualification: FoundQualification | None = None
    """The practitioner's medical specialty. NHIS `qualification`."""


class FoundPerformer(ContractModel):
    """The medical practitioner, as NHIS shows them (`performer`)."""

    uin: str | None = None
    """The titular's УИН. NHIS `pmi`."""
    deputy_uin: str | None = None
    """УИН of the deputy or hired doctor. NHIS `pmiDeputy`."""
    role: str | None = None
    """On whose behalf the performer acts, in the event's word: `titular`, `deputy`, `hired`. NHIS `role` (CL023)."""
    qualification: FoundQualification | None = None
    """The performer's medical specialty. NHIS `qualification`."""
    accompanying: tuple[FoundAccompanying, ...] | None = None
    """The other medical practitioners who took part. NHIS `accompanying`, one element each."""
    practice_number: str | None = None
    """The health establishment's number. NHIS `practiceNumber`."""
    phone: str | None = None
    """The performer's telephone number. NHIS `phone`."""
    email: str | None = None
    """The performer's e-mail address. NHIS `email`."""
    rhif_area_number: str | None = None
    """The performer's regional health insurance fund. NHIS `rhifAreaNumber` (CL029)."""
    nhif_number: str | None = None
    """The performer's contract number at the NHIF. NHIS `nhifNumber`."""


class FoundDoseQuantity(ContractModel):
    """An amount with its unit, as NHIS shows it."""

    value: float | None = None
    """The amount, as a JSON number. NHIS `doseQuantityValue`."""
    unit: str | None = None
    """The unit: UCUM, or a code of CL035. NHIS `doseQuantityCode`."""


class FoundExternalPrevious(ContractModel):
    """NHIS `extImmunizationDetails`: the previous dose, given elsewhere."""

    occurrence: str | None = None
    """The day on which that dose was given. NHIS `occurrence`."""
    vaccine_name: str | None = None
    """The vaccine's trade name. NHIS `vaccineName`."""
    vaccine_atc: str | None = None
    """The vaccine's ATC code. NHIS `vaccineAtc`."""
    vaccine_inn: str | None = None
    """The vaccine's international non-proprietary name. NHIS `vaccineInn`."""
    serial_number: str | None = None
    """The pack's own serial number. NHIS `serialNumber`."""
    lot_number: str | None = None
    """The lot, as printed on the pack. NHIS `lotNumber`."""
    country: str | None = None
    """The country in which it was given. NHIS `country` (CL005)."""
    authority: str | None = None
    """Who gave or documented it. NHIS `authority`."""


class FoundImmunization(ContractModel):
    """One dose of one vaccine, as NHIS shows it (`immunization`)."""

    nrn: str | None = None
    """The number that NHIS gave the immunization. NHIS `nrnImmunization`."""
    status: str | None = None
    """The status of the immunization: 1 performed, 2 invalid. NHIS `status` (CL039)."""
    certificate_number: str | None = None
    """The number of the vaccination certificate. NHIS `uvci`."""
    cancel_reason: str | None = None
    """Why it was cancelled. NHIS `cancelReason`."""
    lrn: str | None = None
    """The hospital's own number. NHIS `lrn`."""
    occurrence: str | None = None
    """When the dose was given. NHIS `occurrence`."""
    based_on: str | None = None
    """The NRN of the examination. NHIS `basedOn`."""
    target_diseases: tuple[str, ...] | None = None
    """The diseases that it protects against, in ICD-10. NHIS `targetDisease`, one element each (CL011)."""
    vaccine_code: str | None = None
    """The vaccine that was given. NHIS `vaccineCode` (CL037)."""
    nhif_vaccine_code: str | None = None
    """The planned immunization at the NHIF: a code for each dose of one vaccine. NHIS `nhifVaccineCode` (CL038)."""
    primary_source: bool | None = None
    """True when the performer gave the dose, false when it is reported by others. NHIS `primarySource`."""
    series: str | None = None
    """The name of the series of doses. NHIS `series`."""
    series_doses: int | None = None
    """How many doses the series has. NHIS `seriesDoses`."""
    dose_number: int | None = None
    """Which dose of the series this is. NHIS `doseNumber`."""
    dose_quantity: FoundDoseQuantity | None = None
    """How much was given. NHIS `doseQuantityValue` and `doseQuantityCode`."""
    lot_number: str | None = None
    """The lot, as printed on the pack. NHIS `lotNumber` (C004)."""
    serial_number: str | None = None
    """The pack's own serial number. NHIS `serialNumber`."""
    expiration_date: str | None = None
    """The last day on which the pack may be used. NHIS `expirationDate`."""
    body_site: str | None = None
    """The part of the body. NHIS `site` (CL045)."""
    route: str | None = None
    """The route of administration. NHIS `route` (CL046)."""
    next_dose_date: str | None = None
    """When the next dose is due. NHIS `nextDoseDate`."""
    booster: bool | None = None
    """Whether this is a booster dose. NHIS `booster`."""
    special_case: bool | None = None
    """True for lowered immunity, hence another scheme of doses. NHIS `isSpecialCase`."""
    previous_nrn: str | None = None
    """The NRN of the previous dose. NHIS `nrnPrevImmunization`."""
    previous_is_external: bool | None = None
    """Whether the previous dose was given before or outside NHIS. NHIS `extPrevImmunization`."""
    external_previous: FoundExternalPrevious | None = None
    """The previous dose outside NHIS. NHIS `extImmunizationDetails`."""
    social_group: str | None = None
    """The patient's social group. NHIS `socialGroup` (CL042)."""
    person_status: str | None = None
    """The patient's status of immunization. NHIS `personStatus` (CL043)."""
    generate_certificate: bool | None = None
    """Whether NHIS was asked to make a certificate of this dose. NHIS `generateCertificate`."""
    note: str | None = None
    """A note in words. NHIS `note`."""


class FoundReaction(ContractModel):
    """NHIS `reaction`: an adverse reaction to the immunization."""

    number: str | None = None
    """The number that NHIS gave the reaction. NHIS `nrnReaction` (the name is inferred)."""
    start_date: str | None = None
    """The day on which the reaction began. NHIS `reactionStartDate`."""
    end_date: str | None = None
    """The day on which the reaction ended. NHIS `reactionEndDate`."""
    reported: bool | None = None
    """True when the patient or others told of it. NHIS `reported`."""
    action: str | None = None
    """What was done about the suspected medicine. NHIS `action` (CL040)."""
    effect: str | None = None
    """The effect of the reaction. NHIS `effect` (CL090)."""
    outcome: str | None = None
    """The outcome of the reaction. NHIS `outcome` (CL091)."""
    dependency: str | None = None
    """How the reaction depends on the medicine. NHIS `dependency` (CL092)."""
    relation: str | None = None
    """How the reaction relates to the medicine. NHIS `relation` (CL093)."""
    description: str | None = None
    """The reaction in words. NHIS `description`."""


class FoundRecord(ContractModel):
    """NHIS `results`: one immunization with whom it was given to, and by whom."""

    immunization: FoundImmunization | None = None
    """The dose that was found. NHIS `immunization`."""
    patient: FoundPatient | None = None
    """To whom it was given. NHIS `subject`."""
    performer: FoundPerformer | None = None
    """Who performed or reported it. NHIS `performer`."""
    reactions: tuple[FoundReaction, ...] | None = None
    """The adverse reactions to it, where NHIS shows them, in the terms of the event that registers one. NHIS
    `reaction`, one element each."""
