"""The parts of a request as eForms states them: nothing is required, as real requests leave out what is required.

Texts are kept as they are written there, without white space around them. Each class names the type of the dictionary
that it is read from (`schemas/eforms/`).
"""

from __future__ import annotations

from contracts.model import ContractModel


class StatedCode(ContractModel):
    """Code: a code of a nomenclature, with its name."""

    code: str | None = None
    """The code."""
    name: str | None = None
    """Its name."""


class StatedIdentifier(ContractModel):
    """Identifier: with the kind of identifier that it is."""

    identifier: str | None = None
    """The identifier."""
    identifier_type: StatedCode | None = None
    """Its kind: `1006-100001` a request, `1006-100003` БУЛСТАТ, `1006-100007` an administration, `1006-100008` a
    service (confirmed)."""
    issue_date: str | None = None
    """When it was issued."""


class StatedRegister(ContractModel):
    """RegixSync: whether data come from a register."""

    synchronized: bool | None = None
    """Whether the platform took them from a register through RegiX."""
    date_time: str | None = None
    """When it did."""


class StatedAddress(ContractModel):
    """Address: within a state."""

    post_code: str | None = None
    """The postal code."""
    post_box: str | None = None
    """The post box."""
    district: StatedCode | None = None
    """The district (област)."""
    municipality: StatedCode | None = None
    """The municipality (община)."""
    settlement: StatedCode | None = None
    """The settlement (населено място)."""
    area: StatedCode | None = None
    """The area of a settlement (район)."""
    location_name: str | None = None
    """The street, square or quarter."""
    building_number: str | None = None
    """The number of the building."""
    entrance: str | None = None
    """The entrance."""
    floor: str | None = None
    """The floor."""
    apartment: str | None = None
    """The apartment."""
    full_address: str | None = None
    """The address as one text."""


class StatedLocation(ContractModel):
    """Location: a place with its address."""

    country: StatedCode | None = None
    """The state."""
    address: StatedAddress | None = None
    """The address within it."""
    regix: StatedRegister | None = None
    """Whether it comes from a register."""


class StatedContact(ContractModel):
    """ContactPoint: how somebody can be reached."""

    contact_type: StatedCode | None = None
    """By what: `1006-030006` an e-mail address, `1006-030005` a telephone (confirmed)."""
    contact: str | None = None
    """The number or address."""
    contact_address: StatedLocation | None = None
    """The postal address."""


class StatedService(ContractModel):
    """PublicService: what was asked for."""

    identifier: StatedIdentifier | None = None
    """The service, by its number in the register of services."""
    name: str | None = None
    """Its name."""
    description: str | None = None
    """Its description."""
    languages: tuple[StatedCode, ...] = ()
    """Its languages (`language`)."""
    status: StatedCode | None = None
    """Its status."""


class StatedUnit(ContractModel):
    """PublicOrganization: an administration, or a unit of one."""

    legal_identifier: StatedIdentifier | None = None
    """Its number in the register of legal entities."""
    identifiers: tuple[StatedIdentifier, ...] = ()
    """Its further identifiers (`identifier`)."""
    preferred_label: str | None = None
    """Its name."""
    organization_type: StatedCode | None = None
    """What kind of administration it is."""


class StatedOrganisation(StatedUnit):
    """PublicOrganization with its units."""

    administrative_units: tuple[StatedUnit, ...] = ()
    """The units that provide the service."""


class StatedFee(ContractModel):
    """Tax: the fee of a service."""

    amount: str | None = None
    """The amount, with the digits that the request has."""
    currency: StatedCode | None = None
    """The currency."""
    valid_from: str | None = None
    """From when it counts."""
    valid_to: str | None = None
    """Until when it counts."""


class StatedTime(ContractModel):
    """ProcessTime: how long a service takes."""

    process_time_type: StatedCode | None = None
    """Normal, quick or express: `0006-000083` is normal (confirmed)."""
    process_time_unit: StatedCode | None = None
    """The unit, as `workDays`."""
    process_time: str | None = None
    """How many of them."""
    taxes: tuple[StatedFee, ...] = ()
    """What that costs (`tax`)."""


class StatedChannel(ContractModel):
    """Channel: how the result is to be handed over."""

    identifier: str | None = None
    """The channel."""
    channel_type: StatedCode | None = None
    """Its kind."""
    opening_hours: str | None = None
    """Its opening hours."""
    process_times: tuple[StatedTime, ...] = ()
    """How long it takes (`processTime`)."""
