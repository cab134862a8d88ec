"""The data of the accepted reply: our reading of what the service found."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from contracts.fields import Sha256
from contracts.model import ContractModel

Meaning: TypeAlias = Literal["up-to-date", "out-of-date", "revoked"]
"""The three statuses of table 2: актуален, неактуален, отозван."""


class MedicalProcedure(ContractModel):
    """What the exemption is from, as the service's own list has it."""

    code: str | None = None
    """Its code; the list is not published."""
    name_ru: str | None = None
    """Its Russian name."""
    name_kk: str | None = None
    """Its Kazakh name; the specification's own example has Russian here."""


class Certificate(ContractModel):
    """A document that came with an exemption; its bytes are in `contents`, under its `sha256`."""

    sha256: Sha256
    """SHA-256 of the decoded document, hexadecimal."""
    bytes: Annotated[int, Field(ge=0)]
    """Length of the decoded document."""
    media_type: Literal["application/pdf"] | None
    """`application/pdf` where it begins and ends as a PDF does; null where it does not, though it should."""


class FoundExemption(ContractModel):
    """One medical exemption."""

    number: str
    """Its unique number."""
    medical_procedure: MedicalProcedure
    """What it is from."""
    status: str
    """Its status as the service states it."""
    meaning: Meaning | None
    """What the status means, where that is known: `up-to-date` (UP_TO_DATE, актуален), `out-of-date` (неактуален) or
    `revoked` (отозван). Codes of the other two are not published: the operator names them once they are seen, and
    until then the meaning is null."""
    temporary_contraindication_end_date: str | None = None
    """When a temporary contraindication ends, as the service states it: xs:dateTime by the specification's XSD,
    DD-MM-YYYY by its table 2."""
    revocation_reason: str | None = None
    """Why it was revoked."""
    certificate: Certificate | None = None
    """The certificate (справка), for viewing."""
    printable_certificate: Certificate | None = None
    """The certificate for printing."""


class Notices(ContractModel):
    """What an answer says in words."""

    service: str | None = None
    """The sentence of `statusCode`, as the service states it: where nothing is found, the notice of table 2."""
    gateway: str | None = None
    """The sentence of `gatewayStatusCode`, as SHEP states it."""


class FoundMedicalExemptions(ContractModel):
    """What the service found; nothing found is an answer, not an error."""

    found: Annotated[int, Field(ge=0)]
    """How many exemptions."""
    exemptions: tuple[FoundExemption, ...] | None
    """Each with its status; null where they are too many for a reply (see `answer`)."""
    contents: dict[str, str] | None
    """The certificates in base64, by their `sha256`; null where they are too large for a reply (see `answer`)."""
    status_code: str
    """The business status of the search, as the service states it."""
    gateway_status_code: str | None = None
    """The status of the whole message (`responseInfo`), as SHEP states it."""
    notices: Notices | None = None
    """The sentences of both statuses. One member of its own, so that retention takes it as a whole."""
    receiver_message_id: str | None = None
    """The id that the receiver gave the answer: what its support asks for. It is not the id that was sent."""
    session_id: str | None = None
    """The gateway's own id of the exchange, where it gives one."""
