"""The data of NHIS's accepted replies: our reading of what NHIS answered, one model per operation."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from contracts.fields import Flag, Sha256
from contracts.model import ContractModel
from contracts.nhis.fields import Nrn
from contracts.nhis.found import FoundRecord


class StatedRecord(BaseModel):
    """What a person states names its record in the form in which events do."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    nrn: Nrn


def known_of_registration(identity: str, data: object) -> dict[str, str]:
    """Return the LRN that the registration was sent under."""
    return {"lrn": identity, **known_of_record(identity, data)}


def known_of_record(_identity: str, data: object) -> dict[str, str]:
    """Return the NRN, where the event named it."""
    nrn = data.get("nrn") if isinstance(data, dict) else None
    return {"nrn": nrn} if isinstance(nrn, str) else {}


class StatedWarning(ContractModel):
    """NHIS `warnings`: what NHIS warns of although it accepted."""

    code: str | None = None
    """NHIS `code` (CL998): W and three digits."""
    description: str | None = None
    """NHIS `description`: the warning in words."""
    source: str | None = None
    """NHIS `source`: who warns, such as the insurance fund."""
    nrn: str | None = None
    """NHIS `nrnTarget`: the document that the warning is about."""


Warnings = tuple[StatedWarning, ...]
"""NHIS `warnings`, in their order."""


class RegisteredImmunization(ContractModel):
    """NHIS registered the immunization (I002)."""

    nrn: str
    """The number that NHIS gave the immunization."""
    lrn: str
    """The hospital's own number, as sent."""
    status: str | None = None
    """CL039: 1 performed, 2 invalid; where NHIS states it."""
    certificate_number: str | None = None
    """Number of the certificate, when this dose grants one."""
    already_registered: Flag | None = None
    """True when an earlier attempt had registered it, and NHIS confirmed that."""
    warnings: Warnings | None = None
    """What NHIS warns of, where it does; null where they are too many for a reply (see `answer`)."""


class FoundImmunizations(ContractModel):
    """What NHIS found (I004); nothing found is an answer, not an error."""

    found: Annotated[int, Field(ge=0)]
    """How many NHIS says it found."""
    results: tuple[FoundRecord, ...] | None
    """Each in the terms of the registration event; null where they are too many for a reply (see `answer`). What is of
    another type than here, a flag that is none, is in `answer` alone."""
    warnings: Warnings | None = None
    """What NHIS warns of, where it does; null where they are too many for a reply (see `answer`)."""


class RegisteredReaction(ContractModel):
    """NHIS registered the adverse reaction (I006)."""

    nrn: str
    """Of the immunization."""
    status: str | None = None
    """As NHIS states it."""
    reaction_number: str | None = None
    """NHIS `nrnReaction`: the number of the reaction, where NHIS gives one (the name is inferred)."""
    already_registered: Flag | None = None
    """True when NHIS's answer was lost, and NHIS showed the reaction when it was asked."""
    warnings: Warnings | None = None
    """What NHIS warns of, where it does; null where they are too many for a reply (see `answer`)."""


class CancelledImmunization(ContractModel):
    """NHIS cancelled the immunization (I012)."""

    nrn: str
    """Of the immunization."""
    status: str | None = None
    """CL039: 2 invalid; where NHIS states it."""
    already_cancelled: Flag | None = None
    """True when it was cancelled before, and NHIS confirmed that."""
    warnings: Warnings | None = None
    """What NHIS warns of, where it does; null where they are too many for a reply (see `answer`)."""


class Certificate(ContractModel):
    """One certificate, as NHIS gave it."""

    content: str | None
    """The certificate in base64, as NHIS gave it; null where it is too large for a reply (see `answer`)."""
    media_type: str | None = None
    """What the decoded bytes are, where their beginning tells."""
    bytes: Annotated[int, Field(ge=0)]
    """Length of the decoded certificate."""
    sha256: Sha256
    """SHA-256 of the decoded certificate, hexadecimal."""
    certificate_number: str | None = None
    """Number of the certificate, where NHIS gives one to each."""


class FetchedCertificate(Certificate):
    """The certificate (I014)."""

    others: tuple[Certificate, ...] | None = None
    """The further certificates, where NHIS gave several; null where they are too large for a reply (see `answer`)."""
    warnings: Warnings | None = None
    """What NHIS warns of, where it does; null where they are too many for a reply (see `answer`)."""
