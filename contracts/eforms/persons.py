"""Who asks for a service, as eForms states it: nothing is required, see `contracts.eforms.stated`."""

from __future__ import annotations

from contracts.eforms.stated import (
    StatedCode,
    StatedContact,
    StatedIdentifier,
    StatedLocation,
    StatedOrganisation,
    StatedRegister,
)
from contracts.model import ContractModel


class StatedState(ContractModel):
    """Jurisdiction: a state, as citizenship or residence."""

    code: str | None = None
    """Its code."""
    name: str | None = None
    """Its name."""


class StatedIdentityDocument(ContractModel):
    """IdentificationDocument: a document of identity."""

    document_type: StatedCode | None = None
    """What kind it is."""
    document_number: str | None = None
    """Its number."""
    issue_date: str | None = None
    """When it was issued."""
    issuer: str | None = None
    """Who issued it."""
    valid_to: str | None = None
    """Until when it counts."""
    regix: StatedRegister | None = None
    """Whether it comes from a register."""


class StatedPerson(ContractModel):
    """Person: a natural person."""

    identifier: StatedIdentifier | None = None
    """The person's number, as ЕГН or ЛНЧ."""
    full_name: str | None = None
    """The whole name."""
    first_name: str | None = None
    """The first name."""
    middle_name: str | None = None
    """The middle name."""
    family_name: str | None = None
    """The family name."""
    alternative_names: tuple[str, ...] = ()
    """Other names (`alternativeName`)."""
    gender: StatedCode | None = None
    """The gender."""
    birth_name: str | None = None
    """The name at birth."""
    full_name_latin: str | None = None
    """The whole name in Latin letters."""
    first_name_latin: str | None = None
    """The first name in Latin letters."""
    middle_name_latin: str | None = None
    """The middle name in Latin letters."""
    family_name_latin: str | None = None
    """The family name in Latin letters."""
    date_of_birth: str | None = None
    """The date of birth."""
    country_of_birth: StatedLocation | None = None
    """The state of birth."""
    place_of_birth: StatedLocation | None = None
    """The place of birth."""
    date_of_death: str | None = None
    """The date of death."""
    country_of_death: StatedLocation | None = None
    """The state of death."""
    place_of_death: StatedLocation | None = None
    """The place of death."""
    identification_document: StatedIdentityDocument | None = None
    """The document of identity."""
    permanent_address: StatedLocation | None = None
    """The permanent address."""
    present_address: StatedLocation | None = None
    """The present address."""
    citizenships: tuple[StatedState, ...] = ()
    """The citizenships (`citizenship`)."""
    residency: StatedState | None = None
    """The state of residence."""
    contact_points: tuple[StatedContact, ...] = ()
    """How the person can be reached (`contactPoint`)."""
    regix: StatedRegister | None = None
    """Whether the data come from a register."""


class StatedLegalEntity(ContractModel):
    """LegalEntity: a company or another legal entity."""

    legal_identifier: StatedIdentifier | None = None
    """Its number in the register of legal entities."""
    identifiers: tuple[StatedIdentifier, ...] = ()
    """Its further identifiers (`identifier`)."""
    legal_name: str | None = None
    """Its name."""
    alternative_names: tuple[str, ...] = ()
    """Other names (`alternativeName`)."""
    company_type: StatedCode | None = None
    """Its legal form."""
    company_status: StatedCode | None = None
    """Its status."""
    registered_address: StatedLocation | None = None
    """Its seat."""
    regix: StatedRegister | None = None
    """Whether the data come from a register."""


class StatedApplicant(ContractModel):
    """Agent: who asks, one of three."""

    person: StatedPerson | None = None
    """A natural person."""
    legal_entity: StatedLegalEntity | None = None
    """A legal entity."""
    public_organization: StatedOrganisation | None = None
    """An administration."""
