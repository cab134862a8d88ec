"""Which field of the contract is which element of an NHIS message. Order and number are the schema's.

In a message path ``/`` goes to a child and ``@`` to an attribute other than ``value``. Where an operator's
schema names an element otherwise, the setting `element_names` says so.
"""

from __future__ import annotations

from dataclasses import field, replace
from datetime import time
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING

from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(Enum):
    """How a value is written."""

    TEXT = "text"
    FLAG = "flag"
    COUNT = "count"
    NUMBER = "number"


@immutable
class Field:
    """One leaf: its path in the event, its path in the message, and the codes that stand for our words.

    With ``rows`` it is no leaf but a list of objects, an element each, with these leaves. ``time_of_day`` is that of a
    day which begins or ends a period, where the schema wants a point in time.
    """

    name: str
    element: str
    kind: Kind = Kind.TEXT
    codes: Mapping[str, str] = field(default_factory=dict)
    many: bool = False
    time_of_day: time | None = None
    rows: tuple[Field, ...] = ()


def _within(rows: tuple[Field, ...], name: str, element: str = "") -> tuple[Field, ...]:
    """Return the rows as members of the object `name` and, where given, of the element `element`."""
    prefix = f"{element}/" if element else ""
    return tuple(replace(row, name=f"{name}.{row.name}", element=prefix + row.element) for row in rows)


IDENTIFIER_TYPES = MappingProxyType(
    {"egn": "1", "lnch": "2", "ssn": "3", "passport": "4", "other": "5", "newborn": "6"}
)
"""CL004."""

GENDERS = MappingProxyType({"male": "1", "female": "2", "other": "3", "unknown": "4"})
"""CL001."""

ROLES = MappingProxyType({"titular": "1", "deputy": "2", "hired": "3"})
"""CL023."""

IDENTIFIER = (
    Field("identifierType", "identifierType", codes=IDENTIFIER_TYPES),
    Field("identifier", "identifier"),
)

SUBJECT = (
    *IDENTIFIER,
    Field("nhifInsuranceNumber", "nhifInsuranceNumber"),
    Field("birthDate", "birthDate"),
    Field("gender", "gender", codes=GENDERS),
    Field("name.given", "name/given"),
    Field("name.middle", "name/middle"),
    Field("name.family", "name/family"),
    Field("address.country", "address/country"),
    Field("address.county", "address/county"),
    Field("address.ekatte", "address/ekatte"),
    Field("address.city", "address/city"),
    Field("address.line", "address/line"),
    Field("address.postalCode", "address/postalCode"),
    Field("nationality", "nationality"),
    Field("phone", "phone"),
    Field("email", "email"),
)

QUALIFICATION = (
    Field("qualification.code", "qualification"),
    Field("qualification.nhifCode", "qualification@nhifCode"),
)

ACCOMPANYING = (Field("uin", "pmi"), *QUALIFICATION)

PERFORMER = (
    Field("uin", "pmi"),
    Field("deputyUin", "pmiDeputy"),
    Field("role", "role", codes=ROLES),
    *QUALIFICATION,
    Field("accompanying", "accompanying", rows=ACCOMPANYING),
    Field("practiceNumber", "practiceNumber"),
    Field("phone", "phone"),
    Field("email", "email"),
    Field("rhifAreaNumber", "rhifAreaNumber"),
    Field("nhifNumber", "nhifNumber"),
)

EXTERNAL_PREVIOUS = (
    Field("occurrence", "occurrence"),
    Field("vaccineName", "vaccineName"),
    Field("vaccineAtc", "vaccineAtc"),
    Field("vaccineInn", "vaccineInn"),
    Field("serialNumber", "serialNumber"),
    Field("lotNumber", "lotNumber"),
    Field("country", "country"),
    Field("authority", "authority"),
)

IMMUNIZATION = (
    Field("lrn", "lrn"),
    Field("occurrence", "occurrence"),
    Field("basedOn", "basedOn"),
    Field("targetDiseases", "targetDisease", many=True),
    Field("vaccineCode", "vaccineCode"),
    Field("nhifVaccineCode", "nhifVaccineCode"),
    Field("primarySource", "primarySource", Kind.FLAG),
    Field("series", "series"),
    Field("seriesDoses", "seriesDoses", Kind.COUNT),
    Field("doseNumber", "doseNumber", Kind.COUNT),
    Field("doseQuantity.value", "doseQuantityValue", Kind.NUMBER),
    Field("doseQuantity.unit", "doseQuantityCode"),
    Field("lotNumber", "lotNumber"),
    Field("serialNumber", "serialNumber"),
    Field("expirationDate", "expirationDate"),
    Field("bodySite", "site"),
    Field("route", "route"),
    Field("nextDoseDate", "nextDoseDate"),
    Field("booster", "booster", Kind.FLAG),
    Field("specialCase", "isSpecialCase", Kind.FLAG),
    Field("previousNrn", "nrnPrevImmunization"),
    Field("previousIsExternal", "extPrevImmunization", Kind.FLAG),
    *_within(EXTERNAL_PREVIOUS, "externalPrevious", "extImmunizationDetails"),
    Field("socialGroup", "socialGroup"),
    Field("personStatus", "personStatus"),
    Field("generateCertificate", "generateCertificate", Kind.FLAG),
    Field("note", "note"),
)

FOUND_IMMUNIZATION = (
    Field("nrn", "nrnImmunization"),
    Field("status", "status"),
    Field("certificateNumber", "uvci"),
    Field("cancelReason", "cancelReason"),
    *IMMUNIZATION,
)
"""What I004 shows of an immunization."""

REACTION = (
    Field("startDate", "reactionStartDate"),
    Field("endDate", "reactionEndDate"),
    Field("reported", "reported", Kind.FLAG),
    Field("action", "action"),
    Field("effect", "effect"),
    Field("outcome", "outcome"),
    Field("dependency", "dependency"),
    Field("relation", "relation"),
    Field("description", "description"),
)

FOUND_REACTION = (Field("number", "nrnReaction"), *REACTION)
"""What I004 shows of an adverse reaction."""

_PEOPLE = (*_within(SUBJECT, "patient", "subject"), *_within(PERFORMER, "performer", "performer"))

REGISTER = (*_within(IMMUNIZATION, "immunization", "immunization"), *_PEOPLE)
"""The contents of I001."""

SEARCH = (
    Field("nrn", "nrnImmunization"),
    Field("lrn", "lrn"),
    *_within(IDENTIFIER, "patient"),
    Field("fromDate", "fromDate", time_of_day=time(0, 0)),
    Field("toDate", "toDate", time_of_day=time(23, 59, 59)),
)
"""The contents of I003."""

RESULT = (*_within(FOUND_IMMUNIZATION, "immunization", "immunization"), *_PEOPLE)
"""One entry of `results` in I004."""

ADVERSE_REACTION = (Field("nrn", "nrnImmunization"), *_within(REACTION, "reaction", "reaction"))
"""The contents of I005."""

CANCEL = (Field("nrn", "nrnImmunization"), Field("reason", "cancelReason"))
"""The contents of I011."""

CERTIFICATE = (
    Field("nrn", "nrnImmunization"),
    Field("certificateNumber", "uvci"),
    *_within(IDENTIFIER, "patient"),
)
"""The contents of I013."""
