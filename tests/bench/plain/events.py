"""The event of a registration, as pydantic models."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Text = Annotated[str, Field(min_length=1, max_length=255)]
Code = Annotated[str, Field(pattern=r"^[0-9A-Za-z.+-]{1,20}$")]


class Model(BaseModel):
    """Names as in JSON; what nobody knows is refused."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", populate_by_name=True)


class Name(Model):
    given: Text
    middle: Text | None = None
    family: Text


class Address(Model):
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    county: Code | None = None
    ekatte: Annotated[str, Field(pattern="^[0-9]{5}$")] | None = None
    city: Text
    line: Text | None = None


class Patient(Model):
    identifier_type: Literal["egn", "lnch"]
    identifier: Annotated[str, Field(pattern="^[0-9]{10}$")]
    birth_date: date
    gender: Literal["male", "female", "other", "unknown"]
    name: Name
    address: Address


class Qualification(Model):
    code: Code
    nhif_code: Annotated[str, Field(pattern="^[0-9]{2}$")] | None = None


class Performer(Model):
    uin: Annotated[str, Field(pattern="^[0-9]{10}$")]
    role: Literal["titular", "deputy", "hired"]
    qualification: Qualification
    practice_number: Annotated[str, Field(pattern="^[0-9]{10}$")]


class DoseQuantity(Model):
    value: Decimal
    unit: Text | None = None


class Immunization(Model):
    occurrence: date
    target_diseases: Annotated[list[Code], Field(min_length=1, max_length=20)]
    vaccine_code: Code
    nhif_vaccine_code: Annotated[str, Field(pattern="^[0-9A-Za-z]{2}$")] | None = None
    primary_source: bool
    series: Text | None = None
    series_doses: Annotated[int, Field(ge=1)] | None = None
    dose_number: Annotated[int, Field(ge=1)]
    dose_quantity: DoseQuantity | None = None
    lot_number: Annotated[str, Field(max_length=22)] | None = None
    expiration_date: date | None = None
    body_site: Code | None = None
    route: Code | None = None
    booster: bool | None = None
    special_case: bool | None = None
    note: Annotated[str, Field(min_length=1, max_length=2000)] | None = None


class Registration(Model):
    patient: Patient
    performer: Performer
    immunization: Immunization


class Event(Model):
    """A structured CloudEvent."""

    specversion: Literal["1.0"]
    id: Text
    source: Text
    type: Literal["nhis.immunization.register.v1"]
    signer: Text
    data: Registration
