"""The data of the other four NHIS events: search, adverse reaction, cancellation, certificate."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict

from contracts.fields import Day, Flag, LongText
from contracts.model import ContractModel, given
from contracts.nhis.fields import Code, Coded, Lrn, Nrn, Uvci
from contracts.nhis.people import PatientReference


def _one_way(*ways: str) -> ConfigDict:
    """Publish in the schema what the rule `one-way` checks: exactly one of the fields is given."""
    return ConfigDict(json_schema_extra={"oneOf": [given(way) for way in ways]})


class SearchImmunizations(ContractModel):
    """Search registered immunizations (I003): by NRN, patient and dates, one of them or together; or by LRN alone."""

    # What the rule `one-way` checks.
    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"anyOf": [given("nrn"), given("patient")]}, given("lrn")]}
    )

    nrn: Nrn | None = None
    """NHIS `nrnImmunization`."""
    lrn: Lrn | None = None
    """NHIS `lrn`; that NHIS searches by it is inferred."""
    patient: PatientReference | None = None
    """NHIS `identifierType` and `identifier`."""
    from_date: Day | None = None
    """NHIS `fromDate`: first day of the immunizations searched; needed with `patient` alone."""
    to_date: Day | None = None
    """NHIS `toDate`: last day; only with `fromDate`."""


class Reaction(ContractModel):
    """NHIS `reaction`."""

    start_date: Day
    """NHIS `reactionStartDate`."""
    end_date: Day | None = None
    """NHIS `reactionEndDate`."""
    reported: Flag | None = None
    """NHIS `reported`: true when the patient or others told of it."""
    action: Annotated[Code | None, Coded("CL040")] = None
    """NHIS `action` (CL040): what was done about the suspected medicine."""
    effect: Annotated[Code | None, Coded("CL090")] = None
    """NHIS `effect` (CL090)."""
    outcome: Annotated[Code | None, Coded("CL091")] = None
    """NHIS `outcome` (CL091)."""
    dependency: Annotated[Code | None, Coded("CL092")] = None
    """NHIS `dependency` (CL092)."""
    relation: Annotated[Code | None, Coded("CL093")] = None
    """NHIS `relation` (CL093)."""
    description: LongText
    """NHIS `description`: the reaction in words."""


class RegisterAdverseReaction(ContractModel):
    """Register an adverse reaction to an immunization (I005)."""

    nrn: Nrn
    """NHIS `nrnImmunization`: of the immunization."""
    reaction: Reaction
    """NHIS `reaction`."""


class CancelImmunization(ContractModel):
    """Cancel an immunization (I011); NHIS allows it only shortly after the registration (RL018)."""

    nrn: Nrn
    """NHIS `nrnImmunization`: of the immunization."""
    reason: LongText
    """NHIS `cancelReason`: up to 2000 characters."""


class FetchCertificate(ContractModel):
    """Fetch a vaccination certificate (I013): by NRN, certificate number or patient; exactly one way."""

    model_config = _one_way("nrn", "certificateNumber", "patient")

    nrn: Nrn | None = None
    """NHIS `nrnImmunization`."""
    certificate_number: Uvci | None = None
    """NHIS `uvci`: the number of the certificate."""
    patient: PatientReference | None = None
    """NHIS `identifierType` and `identifier`."""
