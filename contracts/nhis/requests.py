"""The data of the other four NHIS events: search, adverse reaction, cancellation, certificate."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict

from contracts.fields import Day, Flag, LongText
from contracts.model import ContractModel, given, named_ways, ways
from contracts.nhis.fields import Code, Coded, Lrn, Nrn, Uvci
from contracts.nhis.people import PatientReference

_SEARCH_WAYS: dict[str, Any] = {
    "oneOf": [
        {
            "title": "SearchImmunizationsByNrnOrPatient",
            **named_ways("anyOf", "SearchImmunizations", "nrn", "patient"),
        },
        given("lrn", "SearchImmunizationsByLrn"),
    ]
}


class SearchImmunizations(ContractModel):
    """Search registered immunizations (I003): by NRN, patient and dates, one of them or together; or by LRN alone."""

    # What the rule `one-way` checks.
    model_config = ConfigDict(json_schema_extra={"allOf": [_SEARCH_WAYS]})

    nrn: Nrn | None = None
    """The NRN of the immunization. NHIS `nrnImmunization`."""
    lrn: Lrn | None = None
    """The hospital's own number of the registration; that NHIS searches by it is inferred. NHIS `lrn`."""
    patient: PatientReference | None = None
    """The patient, by number alone. NHIS `identifierType` (CL004) and `identifier`."""
    from_date: Day | None = None
    """The first day of the immunizations that are searched; needed with `patient` alone. NHIS `fromDate`."""
    to_date: Day | None = None
    """The last day; only with `fromDate`. NHIS `toDate`."""


class Reaction(ContractModel):
    """A reaction to an immunization, as NHIS's `reaction` has it."""

    start_date: Day
    """The day on which the reaction began. NHIS `reactionStartDate`."""
    end_date: Day | None = None
    """The day on which it ended. NHIS `reactionEndDate`."""
    reported: Flag | None = None
    """True when the patient or others told of it. NHIS `reported`."""
    action: Annotated[Code | None, Coded("CL040")] = None
    """What was done about the suspected medicine. NHIS `action` (CL040)."""
    effect: Annotated[Code | None, Coded("CL090")] = None
    """The effect of the reaction. NHIS `effect` (CL090)."""
    outcome: Annotated[Code | None, Coded("CL091")] = None
    """The outcome of the reaction. NHIS `outcome` (CL091)."""
    dependency: Annotated[Code | None, Coded("CL092")] = None
    """How the reaction depends on the medicine. NHIS `dependency` (CL092)."""
    relation: Annotated[Code | None, Coded("CL093")] = None
    """How the reaction relates to the medicine. NHIS `relation` (CL093)."""
    description: LongText
    """The reaction in words. NHIS `description`."""


class RegisterAdverseReaction(ContractModel):
    """Register an adverse reaction to an immunization (I005)."""

    nrn: Nrn
    """The NRN of the immunization. NHIS `nrnImmunization`."""
    reaction: Reaction
    """The reaction. NHIS `reaction`."""


class CancelImmunization(ContractModel):
    """Cancel an immunization (I011); NHIS allows it only shortly after the registration (RL018)."""

    nrn: Nrn
    """The NRN of the immunization. NHIS `nrnImmunization`."""
    reason: LongText
    """Why it is cancelled, up to 2000 characters. NHIS `cancelReason`."""


class FetchCertificate(ContractModel):
    """Fetch a vaccination certificate (I013): by NRN, certificate number or patient; exactly one way."""

    model_config = ways("oneOf", "FetchCertificate", "nrn", "certificateNumber", "patient")

    nrn: Nrn | None = None
    """The NRN of the immunization. NHIS `nrnImmunization`."""
    certificate_number: Uvci | None = None
    """The number of the certificate. NHIS `uvci`."""
    patient: PatientReference | None = None
    """The patient, by number alone. NHIS `identifierType` (CL004) and `identifier`."""
