"""What an administration asks of eForms: send the answer to a request for a service, or tell a case something.

The shapes of `publicService` and `serviceProvider` are those of the notification `eforms.request.received.v1`: copy
them from it. Each field names the element of the system's own message that it becomes (ServiceRequestResponse.xsd,
confirmed), where that has another name.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from contracts.eforms.fields import (
    MOST_DOCUMENTS,
    MOST_UNITS,
    BusinessKey,
    DateTimeText,
    FileName,
    InlineBytes,
    Label,
)
from contracts.fields import Day, Flag, LongText, Moment, at_most
from contracts.files import UploadedFile
from contracts.model import ContractModel, ways

DOCUMENT_WAYS = ("uploaded", "content")
"""How the bytes of a document are given; exactly one of them."""


class Code(ContractModel):
    """A code of a nomenclature, with its name."""

    code: Label
    """The code."""
    name: Label
    """Its name."""


class Identifier(ContractModel):
    """An identifier, with the kind of identifier that it is."""

    identifier: Label
    """The identifier."""
    identifier_type: Code
    """Its kind, a code of the dictionary."""
    issue_date: Day | None = None
    """When it was issued."""


class PublicService(ContractModel):
    """A service of an administration."""

    identifier: Identifier
    """Its identifier."""
    name: Label
    """Its name."""
    description: LongText | None = None
    """Its description."""
    languages: Annotated[tuple[Code, ...], Field(max_length=MOST_UNITS), at_most(MOST_UNITS)] | None = None
    """Its languages (`language`)."""
    status: Code | None = None
    """Its status."""


class AdministrativeUnit(ContractModel):
    """An administration, or a unit of one."""

    legal_identifier: Identifier
    """Its number in the register of legal entities."""
    identifiers: Annotated[
        tuple[Identifier, ...], Field(min_length=1, max_length=MOST_UNITS), at_most(MOST_UNITS)
    ]
    """Its further identifiers (`identifier`)."""
    preferred_label: Label
    """Its name."""
    organization_type: Code
    """What kind of administration it is."""


class ServiceProvider(AdministrativeUnit):
    """Who provides the service."""

    administrative_units: (
        Annotated[tuple[AdministrativeUnit, ...], Field(max_length=MOST_UNITS), at_most(MOST_UNITS)] | None
    ) = None
    """The units that provide it."""


class ResponseDocument(ContractModel):
    """A document of the answer: an uploaded file, or a small one inside the event."""

    model_config = ways("oneOf", "ResponseDocument", *DOCUMENT_WAYS)

    identifier: FileName
    """What the answer calls it, in the form of a file's name: an uploaded file travels under this name beside the
    answer's XML, which names it by nothing else (inferred)."""
    type: Code | None = None
    """What kind of document it is."""
    description: LongText | None = None
    """What it is."""
    uploaded: UploadedFile | None = None
    """A file that was uploaded to Herald before (docs/files.md). This or `content`."""
    content: InlineBytes | None = None
    """At most 256 KiB in base64, written into the answer's XML (`attached_document`). This or `uploaded`."""


class SendResponse(ContractModel):
    """Answer a request for a service. To whom and by which template of eDelivery, the operator's settings say."""

    request_uri: Identifier
    """The request's number (`requestURI`), as the notification states it."""
    request_date_time: DateTimeText
    """When the request was made, as the notification states it."""
    public_service: PublicService
    """The service that was asked for."""
    service_provider: ServiceProvider
    """Who provides it."""
    specific_content: InlineBytes | None = None
    """What only this service has: any bytes in base64, at most 256 KiB."""
    documents: (
        Annotated[tuple[ResponseDocument, ...], Field(max_length=MOST_DOCUMENTS), at_most(MOST_DOCUMENTS)]
        | None
    ) = None
    """The documents of the answer (`attachedDocument`)."""
    response_date_time: Moment
    """When the answer was made."""


class SendCaseMessage(ContractModel):
    """Tell a case at eForms that something happened (`POST /api/admin/cases/{businessKey}/messages`)."""

    business_key: BusinessKey
    """The case: the request's number."""
    message_name: Label
    """Which message the case waits for; the process of the service says so (`messageName`)."""
    process_variables: dict[str, Any]
    """What the case is told, by name; sent as it is (`processVariables`)."""
    tenant_id: Label | None = None
    """The tenant at eForms (`tenantId`), where there are several."""
    without_tenant_id: Flag | None = None
    """Whether the case belongs to no tenant (`withoutTenantId`)."""
